//! What a person reads, word for word.

#[path = "support/reports.rs"]
mod reports;

use coldload::reason::{Code, Finding};
use coldload::report::{Command, Report, ResultEntry, TextStyle, Verbosity, write_error, write_text};

fn read(report: &Report, verbosity: Verbosity) -> String {
    let style = TextStyle { colour: false, verbosity };
    let mut out = Vec::new();
    write_text(report, style, &mut out).unwrap();
    if let Some(error) = &report.error {
        write_error(error, style, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn a_scan_is_a_line_a_model_with_reasons_in_four_parts() {
    insta::assert_snapshot!(read(&reports::scan(), Verbosity::Normal), @r#"
    models/rf_model.joblib  accepted  RandomForestClassifier, 100 trees, 4 features, 3 classes; scikit-learn 1.6.1; joblib+zlib, 27 kB
    models/custom.joblib    refused
      unknown-global   __main__.MyTransformer at byte 104, a class that is given state, in steps[0] "mytransformer"
        why   coldload does not know this class; Python would take it from whatever program is running
        next  only this once: --allow __main__.MyTransformer
              (it stays data: that step can not predict)
    models/evil.joblib      refused
      dangerous-global   posix.system at byte 186769, called with ("echo PWNED",)
        why   loading this file would run a command
        next  delete it, and find out who could write it
    3 models: 1 accepted, 2 refused, 1 skipped; sandbox: process, seccomp, landlock 7
    "#);
}

#[test]
fn a_quiet_scan_shows_what_is_not_accepted() {
    let text = read(&reports::scan(), Verbosity::Quiet);
    assert!(!text.contains("accepted") && !text.contains("models:"), "{text}");
    assert!(text.contains("models/evil.joblib    refused\n"), "{text}");
    assert_eq!(read(&reports::scan(), Verbosity::Silent), "");
}

#[test]
fn a_verified_model_lists_what_was_checked_and_what_was_not() {
    insta::assert_snapshot!(read(&reports::verify(), Verbosity::Normal), @r#"
    rf_model.joblib  accepted  churn 1.4.0, sequence 1763990000
      signed by     ci (ed25519 9f2c41…)
      checked       signature, name, 1 file of 27474 bytes, 14 names, shapes, schema
      not checked   rollback, environment; claimed by the signer: environment, metrics
    "#);
}

#[test]
fn more_is_shown_when_it_is_asked_for() {
    insta::assert_snapshot!(read(&reports::verify(), Verbosity::Verbose), @r#"
    rf_model.joblib  accepted  churn 1.4.0, sequence 1763990000
      signed by     ci (ed25519 9f2c419f2c419f2c419f2c419f2c419f2c419f2c419f2c419f2c419f2c41)
      model         RandomForestClassifier, 100 trees, 4 features, 3 classes; scikit-learn 1.6.1; joblib+zlib, 27 kB
      assurance     typed: names, arguments, state and the estimator's own numbers were judged
      checked       signature, name, 1 file of 27474 bytes, 14 names, shapes, schema
      not checked   rollback, environment; claimed by the signer: environment, metrics
    1 model: 1 accepted, 0 refused, 0 skipped; sandbox: process, seccomp, landlock 7
    "#);
}

#[test]
fn a_signer_whom_nobody_trusts_is_listed_as_such() {
    insta::assert_snapshot!(read(&reports::wrong_model(), Verbosity::Normal), @r#"
    m.pkl  refused
      wrong-model   the seal is for "fraud", and "churn" was asked for
        why   a validly signed model was put in the place of another one
        next  check the path, or pass the name that you mean with --name
      signed by     ci (ed25519 9f2c41…)
      signed by     an unknown key (ed25519 00ff), whom you do not trust
    "#);
}

#[test]
fn inspect_shows_a_model() {
    insta::assert_snapshot!(read(&reports::inspect(), Verbosity::Normal), @r#"
    rf_model.joblib  accepted  RandomForestClassifier, 100 trees, 4 features, 3 classes; scikit-learn 1.6.1; joblib+zlib, 27 kB
      class         sklearn.ensemble._forest.RandomForestClassifier
      task          classifier
      scikit-learn  1.6.1
      takes         4 features: age, income, city, tenure
      gives         3 classes (int64): 0, 1, 2
      steps         scale (no estimator)
      format        joblib+zlib, protocol 2 and 4, 1 pickle, 202 arrays of 41 kB
      names         2: numpy.dtype, sklearn.ensemble._forest.RandomForestClassifier
      parameters    n_estimators=100, criterion='gini'
    "#);
}

#[test]
fn inspect_keeps_what_was_observed_and_what_is_claimed_apart() {
    insta::assert_snapshot!(read(&reports::inspect_sealed(), Verbosity::Normal), @r#"
    rf_model.joblib  accepted  RandomForestClassifier, 100 trees, 4 features, 3 classes; scikit-learn 1.6.1; joblib+zlib, 27 kB
      observed in the bytes
      class         sklearn.ensemble._forest.RandomForestClassifier
      task          classifier
      scikit-learn  1.6.1
      takes         4 features: age, income, city, tenure
      gives         3 classes (int64): 0, 1, 2
      steps         scale (no estimator)
      format        joblib+zlib, protocol 2 and 4, 1 pickle, 202 arrays of 41 kB
      names         2: numpy.dtype, sklearn.ensemble._forest.RandomForestClassifier
      parameters    n_estimators=100, criterion='gini'
      claimed by the signer, not checked
      signed by     an unknown key (ed25519 9f2c41…)
      name          churn 1.4.0, sequence 1763990000
      signature     not checked: inspect asks no key
      created       2025-11-24T13:13:20Z, by the signer's clock
      made by       coldload 0.1.0
      sequence      1763990000, which as a time is 2025-11-24T13:13:20Z
      files         . (27 kB)
      claims        environment@1, provenance@1: the signer's word
      python        cpython 3.11.7, said the interpreter
      platform      linux x86_64, glibc 2.36, said the interpreter
      packages      1, said the interpreter: numpy 1.26.4
      lock file     requirements.txt (requirements, sha256:abababababab…), 2 pins: numpy 1.26.4, scipy 1.26.4 if python_version >= '3.9'; not followed: -r base.txt
      lock file     uv.lock (uv-lock, sha256:abababababab…), pins not read
      commit        0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f, found by git
      pipeline      github of o/r for 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f: https://github.com/o/r/actions/runs/17
      parent        manifest sha256:0101010101010101010101010101010101010101010101010101010101010101
      data          train.csv sha256:0202020202020202020202020202020202020202020202020202020202020202
      metrics       f1=0.93
      annotations   team=requirements.txt
      digests       . sha256:0303030303030303030303030303030303030303030303030303030303030303
      of the bytes  what was observed
    "#);
}

#[test]
fn inspect_of_a_seal_does_not_call_it_accepted() {
    let text = read(&reports::inspect_seal(), Verbosity::Normal);
    assert!(!text.contains("accepted"), "{text}");
    insta::assert_snapshot!(text, @r#"
    rf_model.joblib.seal  readable  churn 1.4.0, sequence 1763990000
      signed by     ci (ed25519 9f2c41…)
      signature     not checked: inspect asks no key
      created       2025-11-24T13:13:20Z, by the signer's clock
      made by       coldload 0.1.0
      sequence      1763990000, which as a time is 2025-11-24T13:13:20Z
      files         . (27 kB)
      class         sklearn.ensemble._forest.RandomForestClassifier
      scikit-learn  1.6.1
      takes         4 features: age, income, city, tenure
      gives         3 classes (int64): 0, 1, 2
      steps         scale (no estimator)
      format        joblib+zlib, protocol 2 and 4, 1 pickle, 202 arrays of 41 kB
      names         2: numpy.dtype, sklearn.ensemble._forest.RandomForestClassifier
      claims        environment@1: the signer's word
      python        cpython 3.11.7, said the interpreter
      platform      linux x86_64, glibc 2.36, said the interpreter
      packages      1, said the interpreter: numpy 1.26.4
      lock file     requirements.txt (requirements, sha256:abababababab…), 2 pins: numpy 1.26.4, scipy 1.26.4 if python_version >= '3.9'; not followed: -r base.txt
      lock file     uv.lock (uv-lock, sha256:abababababab…), pins not read
      commit        0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f, found by git
      pipeline      github of o/r for 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f: https://github.com/o/r/actions/runs/17
      parent        manifest sha256:0101010101010101010101010101010101010101010101010101010101010101
      data          train.csv sha256:0202020202020202020202020202020202020202020202020202020202020202
      metrics       f1=0.93
      annotations   team=requirements.txt
      digests       . sha256:0303030303030303030303030303030303030303030303030303030303030303
    "#);
}

#[test]
fn a_new_key_says_which_half_to_give_away() {
    insta::assert_snapshot!(read(&reports::keygen(), Verbosity::Normal), @r#"
    wrote  ci      private key (ed25519 9f2c41…): keep it secret
    wrote  ci.pub  public key: give it to whoever verifies
    next   coldload sign MODEL -k ci
    "#);
}

#[test]
fn one_file_that_can_not_be_read_stops_no_other() {
    insta::assert_snapshot!(read(&reports::failures(), Verbosity::Normal), @r#"
    models/a.pkl       accepted  RandomForestClassifier, 100 trees, 4 features, 3 classes; scikit-learn 1.6.1; joblib+zlib, 27 kB
    models/locked.pkl  failed
      io   permission denied
        next  ls -l models/locked.pkl
    note  models/empty holds no model
    2 models: 1 accepted, 0 refused, 0 skipped, 1 failed
    "#);
}

#[test]
fn a_use_without_verification_is_repeated() {
    let text = read(&reports::predict(), Verbosity::Normal);
    assert!(text.contains("\n  note          used although nobody vouches for it (--unverified)\n"), "{text}");
}

#[test]
fn an_error_says_where_it_looked_and_what_would_do() {
    let error =
        coldload::report::ReportError::usage("no key says whose signature counts", "coldload verify m -k ci.pub")
            .looked_for("-k, --digest, COLDLOAD_PUBLIC_KEY");
    insta::assert_snapshot!(read(&Report::failed(Command::Verify, error), Verbosity::Normal), @r#"
    error: no key says whose signature counts
      looked for  -k, --digest, COLDLOAD_PUBLIC_KEY
      next        coldload verify m -k ci.pub
    "#);
}

#[test]
fn at_most_five_reasons_are_shown() {
    let reason = |number: u64| Finding::new(Code::UnknownGlobal, format!("acme.Name{number}")).at(number);
    let entry = |count, more| ResultEntry::refused("m.pkl", (0..count).map(reason).collect(), more);
    let text = |entry, command, verbosity| read(&Report { results: vec![entry], ..Report::new(command) }, verbosity);
    let shown = |text: &str| text.matches("unknown-global").count();

    let few = text(entry(5, 0), Command::Scan, Verbosity::Normal);
    assert_eq!((shown(&few), few.contains("more")), (5, false));
    let many = text(entry(9, 8), Command::Scan, Verbosity::Normal);
    assert_eq!(shown(&many), 5);
    assert!(many.contains("\n  … 12 more: -v\n"), "{many}");
    let all = text(entry(9, 8), Command::Scan, Verbosity::Verbose);
    assert_eq!(shown(&all), 9);
    assert!(all.contains("\n  … 8 more\n"), "{all}");
    assert_eq!(shown(&text(entry(9, 0), Command::Inspect, Verbosity::Normal)), 9, "inspect prints everything");
}

#[test]
fn where_it_was_is_said_once() {
    let reason = Finding::new(Code::Malformed, "the stack is empty").at(17).in_place("steps[0]");
    let report = Report { results: vec![ResultEntry::refused("m", vec![reason], 0)], ..Report::new(Command::Scan) };
    assert!(read(&report, Verbosity::Normal).contains("malformed   the stack is empty at byte 17, in steps[0]\n"));
    let twice = read(&reports::scan(), Verbosity::Normal);
    assert_eq!(twice.matches("byte 186769").count(), 1, "{twice}");
}

#[test]
fn nothing_hostile_reaches_a_terminal() {
    for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose] {
        let text = read(&reports::hostile(), verbosity);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{text:?}");
        let forged = text.lines().filter(|line| line.trim_start().starts_with("evil.pkl")).collect::<Vec<_>>();
        assert!(
            forged.iter().all(|line| line.starts_with("          ")),
            "a line of its own could be read as a verdict: {forged:?}"
        );
    }
}

#[test]
fn colours_are_round_the_words_and_nowhere_else() {
    let style = TextStyle { colour: true, verbosity: Verbosity::Normal };
    let mut out = Vec::new();
    write_text(&reports::scan(), style, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("\u{1b}[1m\u{1b}[31mrefused\u{1b}[0m"), "{text:?}");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, read(&reports::scan(), Verbosity::Normal));
}
