"""What a notebook and a terminal show: nothing in a definition can become markup or move a cursor."""

from html.parser import HTMLParser

import pipewarden
from conftest import bad, definition, good, step

HOSTILE = "<img src=x onerror=alert(1)>\"'&\x1b[2J\u202e</td></table><script>"
TAGS = {"div", "p", "table", "thead", "tbody", "tr", "th", "td", "small", "details", "summary", "pre"}


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = [], set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data):
        self.text += data


def read(html):
    reader = Reader()
    reader.feed(html)
    return reader


def test_a_notebook_shows_the_findings_as_a_table(rules):
    reader = read(pipewarden.lint(bad())._repr_html_())
    assert reader.tags.count("tr") == 2
    assert "step Prep has no base job name" in reader.text
    assert 'Processor(base_job_name="fraud-prep")' in reader.text


def test_a_notebook_shows_that_nothing_was_found(rules):
    reader = read(pipewarden.lint(good())._repr_html_())
    assert (reader.tags, reader.text) == (["div", "p"], "the definition: nothing found")


def test_hostile_names_are_shown_as_text(rules):
    hostile = definition(step(HOSTILE, ProcessingJobName=HOSTILE), step("Other", ProcessingJobName=HOSTILE))
    findings = pipewarden.lint(hostile, name=HOSTILE, role_arn=HOSTILE)
    reader = read(findings._repr_html_())
    assert (set(reader.tags) - TAGS, reader.attributes) == (set(), {"style", "class"})
    assert "<img src=x onerror=alert(1)>\"'&" in reader.text
    for shown in (findings._repr_html_(), str(findings), repr(findings), reader.text):
        assert not {"\x1b", "\u202e"} & set(shown)
    assert "\\u{1b}[2J\\u{202e}" in str(findings)


def test_names_with_dollar_signs_are_no_formulas(rules):
    html = pipewarden.lint(definition(step("Prep", ProcessingJobName="${env}-${team}")))._repr_html_()
    assert html.startswith("<div class='tex2jax_ignore mathjax_ignore'>")


def test_a_long_list_is_cut_and_counted(rules):
    [one] = pipewarden.lint(bad()).results["findings"]
    reader = read(pipewarden.Findings("many", {"findings": [one] * 250})._repr_html_())
    assert reader.tags.count("tr") == 201
    assert reader.text.endswith("and 50 more")
