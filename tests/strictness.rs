//! The list of strictness is closed, and told in one place: each rule refuses a file that Python reads on in, accepts its twin,
//! and stands in `docs/formats.md` by its name. That Python reads on is shown by `tests/interop/differential.rs`.

use coldload::format::Strictness;
use coldload::fuzz::differential::{End, trace};
use coldload::fuzz::strictness::example;

#[test]
fn each_rule_refuses_a_file_whose_twin_is_accepted() {
    for rule in Strictness::ALL {
        let [strict, twin] = example(*rule).map(|file| trace(&file).end);
        assert!(matches!(&strict, End::Form(_, Some(by)) if by == rule), "{rule:?}: {strict:?}");
        assert_eq!(twin, End::Accepted, "{rule:?}");
    }
}

#[test]
fn what_every_reader_refuses_is_excused_by_no_rule() {
    for broken in [&b"\x80\x04"[..], b"\x80\x04\xff", b"\x80\x06N.", b"\x80\x04a.", b"\x80\x04h\x07.", b"\x80\x04NNR."]
    {
        assert!(matches!(trace(broken).end, End::Form(_, None)), "{broken:?}");
    }
}

#[test]
fn the_documentation_lists_each_rule_once_and_no_other() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/formats.md")).unwrap();
    let list = page.split("## Where coldload is stricter than Python").nth(1).unwrap();
    let mut listed: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut rules: Vec<&str> = Strictness::ALL.iter().map(|rule| rule.name()).collect();
    listed.sort_unstable();
    rules.sort_unstable();
    assert_eq!(listed, rules);
}
