"""Asks DuckDB. Reads a JSON list of queries, and writes a JSON list with the rows of each, a list of values a row."""

import json
import sys

import duckdb

# Athena answers in UTC.
duckdb.sql("SET TimeZone = 'UTC'")
answers = [duckdb.sql(query).fetchall() for query in json.load(sys.stdin)]
json.dump(answers, sys.stdout, default=str)
