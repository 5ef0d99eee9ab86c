//! `docs/formats.md` speaks of what is there: each test that it names, each shape, each event.

use coldload::format::Act;
use coldload::vocabulary::Shape;
use std::path::Path;

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md")).unwrap()
}

/// The text of every test file.
fn tests() -> String {
    let mut todo = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")];
    let mut all = String::new();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    all
}

#[test]
fn every_item_of_the_list_of_strictness_names_a_test_that_is_there() {
    let (page, tests) = (page(), tests());
    let list = page.split("## Where coldload is stricter than Python").nth(1).unwrap();
    let items: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"))
        .filter(|line| !line.starts_with("| refused") && !line.starts_with("| rule"))
        .collect();
    assert!(items.len() >= 15, "{items:?}");
    for item in items {
        let named: Vec<&str> = item.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{item}");
        for name in named {
            assert!(tests.contains(&format!("fn {name}()")), "{name}");
        }
    }
}

#[test]
fn every_shape_and_every_event_is_listed() {
    let page = page();
    for shape in Shape::ALL {
        let line = format!("| `{}` | {} |", shape.text(), shape.meaning());
        assert!(page.contains(&line), "{line}");
    }
    for act in [Act::Find, Act::Call, Act::New, Act::State, Act::Append, Act::SetItem, Act::Add] {
        assert!(page.contains(&format!("`{}`", act.text())), "{act:?}");
    }
}
