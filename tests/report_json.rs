//! The JSON document is the one that `docs/report.schema.json` describes, field by field.

#[path = "support/reports.rs"]
mod reports;
#[path = "support/schema.rs"]
mod schema;

use coldload::reason::Code;
use coldload::report::{Command, Report, ReportError, write_json};
use serde_json::{Value, json};

fn described() -> Value {
    serde_json::from_str(include_str!("../docs/report.schema.json")).unwrap()
}

fn document(report: &Report) -> Value {
    let mut out = Vec::new();
    write_json(report, &mut out).unwrap();
    assert!(out.ends_with(b"}\n"), "one document, one line");
    serde_json::from_slice(&out).unwrap()
}

fn faults(document: &Value) -> Vec<String> {
    schema::faults(&described(), document)
}

#[test]
fn every_report_is_as_described() {
    let reports = [
        reports::scan(),
        reports::verify(),
        reports::wrong_model(),
        reports::inspect(),
        reports::inspect_seal(),
        reports::inspect_sealed(),
        reports::keygen(),
        reports::predict(),
        reports::failures(),
        reports::hostile(),
        Report::new(Command::Scan),
        Report::failed(Command::Verify, ReportError::usage("no", "yes").looked_for("everywhere")),
    ];
    for report in &reports {
        assert_eq!(faults(&document(report)), Vec::<String>::new(), "{report:?}");
    }
}

#[test]
fn a_document_that_is_not_as_described_is_found_out() {
    let right = document(&reports::scan());
    type Spoil = fn(&mut Value);
    let spoils: [(Spoil, &str); 9] = [
        (|d| d["schema"] = json!("coldload.report/2"), "/schema"),
        (|d| d["summary"]["accepted"] = json!(-1), "/summary/accepted"),
        (|d| d["summary"]["accepted"] = json!(1.5), "/summary/accepted"),
        (|d| d["results"][0]["verdict"] = json!("clean"), "/results/0/verdict"),
        (|d| d["results"][1]["reasons"][0]["offset"] = json!("104"), "/results/1/reasons/0/offset"),
        (|d| d["results"][1]["reasons"][0]["code"] = json!("bad"), "/results/1/reasons/0/code"),
        (|d| d["results"][0]["model"]["classes"] = json!([[]]), "/results/0/model/classes/0"),
        (|d| drop(d.as_object_mut().unwrap().remove("policy")), ""),
        (|d| d["surprise"] = json!(1), "/surprise"),
    ];
    for (spoil, place) in spoils {
        let mut wrong = right.clone();
        spoil(&mut wrong);
        let faults = faults(&wrong);
        assert!(faults.iter().any(|fault| fault.starts_with(&format!("{place}: "))), "{place}: {faults:?}");
    }
}

#[test]
fn the_schema_lists_exactly_the_codes_of_the_table() {
    let table: Vec<Value> = Code::ALL.iter().map(|code| json!(code.text())).collect();
    assert_eq!(described()["$defs"]["code"]["enum"], json!(table));
}

#[test]
fn fields_come_in_the_order_of_the_interface() {
    let mut out = Vec::new();
    write_json(&reports::scan(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let order = [
        "\"schema\":\"coldload.report/1\"",
        "\"tool\":{\"name\":\"coldload\"",
        "\"summary\":{\"accepted\":1,\"refused\":2,\"skipped\":1,\"failed\":0}",
        "\"policy\":null",
        "\"sandbox\":{\"level\":\"required\"",
        "\"results\":[{\"path\":\"models/rf_model.joblib\",\"size\":27474,\"verdict\":\"accepted\",\"assurance\":\"typed\"",
    ];
    let places: Vec<usize> =
        order.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("{part} in {text}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn what_is_not_checked_says_so() {
    let checks = &document(&reports::verify())["results"][0]["checks"];
    assert_eq!(checks["signature"], "passed");
    assert_eq!(checks["rollback"], "not-checked");
    assert_eq!(checks["environment"], "not-checked");
}

#[test]
fn an_exit_of_two_comes_with_an_error() {
    let failed = document(&reports::failures());
    assert_eq!(failed["error"]["kind"], "io");
    assert_eq!(failed["results"][1]["error"], failed["error"]);
    assert_eq!(document(&reports::scan()).get("error"), None);
}

#[test]
fn a_reason_holds_all_that_a_program_needs() {
    let evil = &document(&reports::scan())["results"][2]["reasons"][0];
    assert_eq!(evil["code"], "dangerous-global");
    assert_eq!(evil["offset"], 186_769);
    assert_eq!(evil["name"], "posix.system");
    assert!(evil["next"].as_str().is_some_and(|next| !next.is_empty()));
    assert_eq!(evil.get("place"), None);
}

#[test]
fn nothing_hostile_reaches_a_terminal_and_nothing_is_lost() {
    let mut out = Vec::new();
    write_json(&reports::hostile(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.trim_end().chars().all(|c| !c.is_control() && c != '\u{202e}'), "{text:?}");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["results"][0]["path"], "\u{1b}[2J\u{7}\u{202e}\r\nevil.pkl  accepted");
    assert_eq!(document["outputs"]["predict"], json!(["\u{9b}2J\u{202e}"]));
}
