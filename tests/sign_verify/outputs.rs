//! What signing, keygen and predict leave behind, and what they do not.

use super::{Desk, opcodes};
use serde_json::Value;

#[test]
fn what_is_refused_is_not_sealed_and_nothing_is_left_behind() {
    let desk = Desk::new();
    for hostile in [opcodes::pickle4(opcodes::attack()), b"no model".to_vec(), opcodes::pickle4(b"N0"), Vec::new()] {
        desk.write("model.pkl", &hostile);
        let before = desk.names();
        assert_eq!(desk.run(&["sign", "model.pkl", "-k", "ci"]).status.code(), Some(1));
        assert_eq!(desk.names(), before);
    }
    let desk = Desk::new();
    let before = desk.names();
    for args in [
        &["sign", "model.pkl", "-k", "missing"][..],
        &["sign", "model.pkl", "-k", "ci.pub"],
        &["sign", "model.pkl", "-k", "ci", "--name", ""],
        &["sign", "model.pkl", "-k", "ci", "-o", "missing/model.seal"],
        &["sign", "model.pkl"],
        &["sign", "missing.pkl", "-k", "ci"],
    ] {
        assert_eq!(desk.run(args).status.code(), Some(2), "{args:?}");
        assert_eq!(desk.names(), before, "{args:?}");
    }
    desk.done(&["sign", "model.pkl", "-k", "ci"]);
    assert_eq!(desk.names().len(), before.len() + 1);
}

#[test]
fn a_refused_model_keeps_the_seal_that_it_had() {
    let desk = Desk::sealed();
    let seal = desk.read("model.pkl.seal");
    desk.write("model.pkl", &opcodes::pickle4(opcodes::attack()));
    assert_eq!(desk.run(&["sign", "model.pkl", "-k", "ci"]).status.code(), Some(1));
    assert_eq!(desk.read("model.pkl.seal"), seal);
}

#[cfg(unix)]
#[test]
fn a_seal_is_replaced_by_rename() {
    use std::os::unix::fs::MetadataExt;
    let desk = Desk::sealed();
    // Whoever holds the old file open, or a link to it, sees the old seal whole.
    std::fs::hard_link(desk.path("model.pkl.seal"), desk.path("kept")).unwrap();
    let old = desk.read("kept");
    desk.done(&["sign", "model.pkl", "-k", "ci", "--name", "second"]);
    assert_eq!(desk.read("kept"), old);
    let file = |name: &str| desk.path(name).metadata().unwrap().ino();
    assert_ne!(file("kept"), file("model.pkl.seal"));
    desk.accepted(&["-k", "ci.pub", "--name", "second"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_replaced_by_one() {
    use std::os::unix::fs::FileTypeExt;
    let desk = Desk::new();
    let _socket = std::os::unix::net::UnixListener::bind(desk.path("socket.csv")).unwrap();
    desk.write("rows.csv", b"a,b,c,d\n1,2,3,4\n");
    let before = desk.names();
    for args in [
        &["sign", "model.pkl", "-k", "ci", "-o", "socket.csv"][..],
        &["predict", "model.pkl", "-i", "rows.csv", "-o", "socket.csv", "--unverified"],
    ] {
        let output = desk.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("something else than a file"), "{said}");
        assert!(desk.path("socket.csv").symlink_metadata().unwrap().file_type().is_socket());
    }
    assert_eq!(desk.names(), before);
    desk.done(&["sign", "model.pkl", "-k", "ci", "-o", "other.seal"]);
}

#[test]
fn a_key_is_never_written_over_a_file() {
    let desk = Desk::new();
    let (secret, public) = (desk.read("ci"), desk.read("ci.pub"));
    assert_eq!(desk.run(&["keygen", "-o", "ci"]).status.code(), Some(2));
    assert_eq!(desk.run(&["keygen", "-o", "ci", "--algorithm", "hmac-sha256"]).status.code(), Some(2));
    assert_eq!((desk.read("ci"), desk.read("ci.pub")), (secret, public));
    desk.write("half.pub", b"mine");
    assert_eq!(desk.run(&["keygen", "-o", "half"]).status.code(), Some(2));
    assert!(!desk.path("half").exists(), "no secret without its public half");
    assert_eq!(desk.read("half.pub"), b"mine");
    desk.done(&["keygen", "-o", "new"]);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::sealed();
    let mode = |name: &str, mode| {
        std::fs::set_permissions(desk.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    assert_eq!(desk.path("ci").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    for (key, args) in
        [("ci.pub", &["verify", "model.pkl", "-k", "ci.pub"][..]), ("ci", &["sign", "model.pkl", "-k", "ci"])]
    {
        mode(key, 0o666);
        let document = desk.json(2, args);
        assert_eq!(document["error"]["kind"], "key", "{document}");
        assert!(document["error"]["message"].as_str().unwrap().contains("others may write"), "{document}");
        mode(key, 0o600);
        desk.done(args);
    }
    mode("ci", 0o644); // As Kubernetes mounts them: it works, with a warning.
    let output = desk.done(&["sign", "model.pkl", "-k", "ci"]);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("others may read"), "{said}");
}

#[test]
fn a_verified_model_answers() {
    let desk = Desk::sealed();
    let document = desk.json(0, &["predict", "model.pkl", "-i", "rows.csv", "-k", "ci.pub", "--name", "churn"]);
    let rows = String::from_utf8(desk.read("rows.csv")).unwrap().lines().count() - 1;
    assert_eq!(document["outputs"]["predict"].as_array().unwrap().len(), rows);
    let unverified = desk.json(0, &["predict", "model.pkl", "-i", "rows.csv", "--unverified"]);
    assert_eq!(unverified["outputs"], document["outputs"]);
    assert!(unverified.to_string().contains("nobody vouches"), "{unverified}");
}

#[test]
fn a_model_that_is_not_the_expected_one_answers_nothing() {
    let desk = Desk::sealed();
    let before = desk.names();
    let predict = ["predict", "model.pkl", "-i", "rows.csv", "-k", "ci.pub", "--name"];
    let document = desk.json(1, &[&predict[..], &["fraud"]].concat());
    assert_eq!(document["results"][0]["reasons"][0]["code"], "wrong-model");
    assert!(document.get("outputs").is_none_or(Value::is_null), "{document}");
    let text = desk.run(&[&predict[..], &["fraud", "-o", "out.csv"]].concat());
    assert_eq!(text.status.code(), Some(1));
    assert_eq!(desk.names(), before, "no output, and no file that would have become one");
    desk.done(&[&predict[..], &["churn", "-o", "out.csv"]].concat());
    assert!(!desk.read("out.csv").is_empty());
}

#[test]
fn an_output_appears_only_on_success() {
    let desk = Desk::sealed();
    let predict = |more: &[&str]| {
        let args = [&["predict", "model.pkl", "-k", "ci.pub", "-o", "out.csv"], more].concat();
        desk.run(&args).status.code()
    };
    desk.write("odd.csv", b"a,b\n1,2\n");
    desk.write("words.csv", b"a,b,c,d\nx,y,z,w\n");
    let before = desk.names();
    for rows in ["odd.csv", "words.csv", "missing.csv"] {
        assert_eq!(predict(&["-i", rows]), Some(2), "{rows}");
        assert_eq!(desk.names(), before, "{rows}");
    }
    assert_eq!(predict(&["-i", "rows.csv", "--method", "transform"]), Some(2));
    assert_eq!(desk.names(), before);
    desk.write("out.csv", b"old");
    desk.forge(|manifest| manifest.observed.schema.as_mut().unwrap().n_outputs = Some(9));
    assert_eq!(predict(&["-i", "rows.csv"]), Some(1), "a false statement: nothing is answered");
    assert_eq!(desk.read("out.csv"), b"old");
    desk.done(&["sign", "model.pkl", "-k", "ci"]);
    assert_eq!(predict(&["-i", "rows.csv"]), Some(0));
    assert_ne!(desk.read("out.csv"), b"old");
}

#[test]
fn a_hostile_model_answers_nothing_even_unverified() {
    let desk = Desk::new();
    desk.write("model.pkl", &opcodes::pickle4(opcodes::attack()));
    let before = desk.names();
    let output = desk.run(&["predict", "model.pkl", "-i", "rows.csv", "-o", "out.csv", "--unverified"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(desk.names(), before);
}

#[test]
fn nobody_is_trusted_by_default() {
    let desk = Desk::sealed();
    for args in [&["verify", "model.pkl"][..], &["predict", "model.pkl", "-i", "rows.csv"]] {
        let document = desk.json(2, args);
        assert_eq!(document["error"]["kind"], "usage");
        assert!(document["error"]["message"].as_str().unwrap().contains("no key says whose signature counts"));
    }
}
