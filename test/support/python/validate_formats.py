"""Asks the tools of the formats' own communities: what each says against a text comes back as a list.

Usage: validate_formats.py ocsf-schema | oscal | oscal-plan | markdown. `ocsf-schema` writes the JSON Schema of a Compliance Finding,
`oscal` (assessment results) and `oscal-plan` (assessment plans) read a JSON list of texts and write a list with the faults of each, and `markdown` reads a JSON list of texts and
writes them as the HTML that GitHub makes of them.
"""

import json
import sys

from pydantic import ValidationError


def ocsf_schema():
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    return OcsfJsonSchemaEmbedded(get_ocsf_schema("1.6.0")).get_class_schema("compliance_finding", ["cloud", "datetime"])


def oscal_faults(text):
    from trestle.oscal.assessment_results import AssessmentResults

    return model_faults(text, "assessment-results", AssessmentResults) or list(
        unresolved(json.loads(text)["assessment-results"])
    )


def oscal_plan_faults(text):
    from trestle.oscal.assessment_plan import AssessmentPlan

    faults = model_faults(text, "assessment-plan", AssessmentPlan)
    if faults:
        return faults
    plan = json.loads(text)["assessment-plan"]
    return [] if is_known(plan, plan["import-ssp"]["href"]) else ["import-ssp leads nowhere"]


def model_faults(text, root, model):
    document = json.loads(text)
    if list(document) != [root]:
        return [f"the root is not {root} alone"]
    try:
        model(**document[root])
    except ValidationError as error:
        return [f"{fault['loc']}: {fault['msg']}" for fault in error.errors()]
    return []


def is_known(document, href):
    """Whether a reference leads to the back matter, or to a file beside the document."""
    known = {resource["uuid"] for resource in document.get("back-matter", {}).get("resources", [])}
    return href.removeprefix("#") in known if href.startswith("#") else href.endswith(".json")


def unresolved(results):
    """References inside the document that lead nowhere: trestle's model knows each part by itself alone."""
    if not is_known(results, results["import-ap"]["href"]):
        yield "import-ap leads nowhere"
    uuids = []
    for result in results["results"]:
        items = [item["uuid"] for item in result.get("local-definitions", {}).get("inventory-items", [])]
        observations = [observation["uuid"] for observation in result.get("observations", [])]
        uuids += items + observations + [finding["uuid"] for finding in result.get("findings", [])]
        for observation in result.get("observations", []):
            for subject in observation["subjects"]:
                if subject["subject-uuid"] not in items:
                    yield f"a subject of {observation['uuid']} leads nowhere"
        for finding in result.get("findings", []):
            for related in finding["related-observations"]:
                if related["observation-uuid"] not in observations:
                    yield f"an observation of {finding['uuid']} leads nowhere"
    if len(set(uuids)) < len(uuids):
        yield "a uuid is there twice"


def github_html(text):
    import cmarkgfm

    return cmarkgfm.github_flavored_markdown_to_html(text)


def main():
    what = sys.argv[1]
    if what == "ocsf-schema":
        answer = ocsf_schema()
    else:
        answer = [{"oscal": oscal_faults, "oscal-plan": oscal_plan_faults, "markdown": github_html}[what](text) for text in json.load(sys.stdin)]
    json.dump(answer, sys.stdout)


main()
