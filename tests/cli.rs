//! The command line: what is asked of it, what it says when it is asked wrongly, and with which exit status.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in a folder of its own, with no variable that could change what it does.
fn run_with(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
    for name in ["COLDLOAD_KEY", "COLDLOAD_PUBLIC_KEY", "COLDLOAD_NAME", "COLDLOAD_OUTPUT_FORMAT", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.current_dir(folder).envs(variables.iter().copied()).args(args).output().expect("the program starts")
}

fn run(args: &[&str]) -> Output {
    run_with(Path::new(env!("CARGO_MANIFEST_DIR")), &[], args)
}

fn status(output: &Output) -> i32 {
    output.status.code().expect("an exit status")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

const COMMANDS: [&str; 15] = [
    "scan",
    "inspect",
    "dump",
    "diff",
    "keygen",
    "sign",
    "verify",
    "predict",
    "explain",
    "doctor",
    "fuzz",
    "demo",
    "vocabulary",
    "completions",
    "help",
];

/// What the first release does not have: no command, no option, no word about it.
const NOT_YET: [&str; 11] =
    ["policy", "compat", "convert", "push", "pull", "rollback", "--html", "--against", "--state", "sarif", "ecdsa"];

#[test]
fn help_and_version_are_zero() {
    for args in [&["--help"][..], &["-h"], &["--version"], &["-V"], &["help"], &["help", "scan"], &["scan", "--help"]] {
        let output = run(args);
        assert_eq!(status(&output), 0, "{args:?}");
        assert!(!output.stdout.is_empty(), "{args:?}");
    }
    assert_eq!(out(&run(&["--version"])), format!("coldload {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_lists_every_command_and_nothing_that_is_not_there() {
    let help = out(&run(&["--help"]));
    for command in COMMANDS {
        assert!(help.lines().any(|line| line.starts_with(&format!("  {command} "))), "{command} in {help}");
    }
    let mut texts = vec![help, out(&run(&[]))];
    texts.extend(COMMANDS.iter().filter(|name| **name != "help").map(|name| out(&run(&[name, "--help"]))));
    for text in &texts {
        for word in NOT_YET {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn help_names_every_set_of_names() {
    let wrong = run(&["scan", ".", "--allow-set", "nosuch"]);
    let message = err(&wrong);
    let sets = message.split_once("the sets are ").unwrap().1.lines().next().unwrap();
    let help = out(&run(&["scan", "--help"]));
    let help = help.split_whitespace().collect::<Vec<&str>>().join(" ");
    assert!(help.contains(sets), "{help}\ndoes not have: {sets}");
}

#[test]
fn completions_know_the_commands_and_their_options() {
    for (shell, words) in [
        ("bash", &["_coldload()", "complete -F _coldload"][..]),
        ("zsh", &["#compdef coldload"]),
        ("fish", &["complete -c coldload"]),
    ] {
        let output = run(&["completions", shell]);
        assert_eq!(status(&output), 0, "{shell}");
        let script = out(&output);
        for word in words.iter().chain(&["verify", "sandbox", "sequence"]) {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    assert_eq!(status(&run(&["completions", "csh"])), 2);
}

#[test]
fn what_is_not_there_is_two() {
    for command in ["policy", "compat", "convert", "push", "pull", "frobnicate"] {
        let output = run(&[command]);
        assert_eq!(status(&output), 2, "{command}");
        assert!(err(&output).starts_with(&format!("error: there is no command {command:?}\n")), "{output:?}");
        assert!(output.stdout.is_empty());
    }
    for args in [
        &["scan", "--html", "x", "."][..],
        &["inspect", "x", "--html", "y"],
        &["keygen", "-o", "k", "--algorithm", "rsa"],
    ] {
        assert_eq!(status(&run(args)), 2, "{args:?}");
    }
}

#[test]
fn variables_are_named_in_help() {
    for (command, names) in [
        ("verify", &["COLDLOAD_PUBLIC_KEY", "COLDLOAD_NAME", "COLDLOAD_OUTPUT_FORMAT", "NO_COLOR"][..]),
        ("sign", &["COLDLOAD_KEY", "COLDLOAD_NAME"]),
        ("predict", &["COLDLOAD_PUBLIC_KEY", "COLDLOAD_NAME"]),
    ] {
        let help = out(&run(&[command, "--help"]));
        for name in names {
            assert!(help.contains(name), "{name} in {help}");
        }
    }
}

#[test]
fn alone_it_prints_the_commands_of_the_first_day() {
    let output = run(&[]);
    assert_eq!(status(&output), 0);
    let text = out(&output);
    for command in ["demo", "scan", "keygen", "sign", "verify", "predict", "explain"] {
        assert!(text.contains(&format!("  coldload {command}")), "{text}");
    }
}

#[test]
fn a_path_in_the_place_of_a_command_is_meant_to_be_scanned() {
    let output = run(&["Cargo.toml"]);
    assert_eq!(status(&output), 2);
    assert_eq!(
        err(&output),
        "error: there is no command \"Cargo.toml\"\n  next  did you mean: coldload scan Cargo.toml\n"
    );

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("my model.pkl"), "").unwrap();
    let output = run_with(folder.path(), &[], &["my model.pkl"]);
    assert!(err(&output).ends_with("did you mean: coldload scan 'my model.pkl'\n"), "{output:?}");
    assert!(err(&run(&["verfy"])).contains("did you mean: coldload verify"));
}

#[test]
fn a_mistake_in_the_options_is_two_and_a_document_where_one_is_wanted() {
    let wrong: [&[&str]; 12] = [
        &["scan"],
        &["frobnicate"],
        &["scan", "x", "--limit", "speed=1"],
        &["scan", "x", "--limit", "depth"],
        &["scan", "x", "--allow", "name"],
        &["scan", "x", "--sandbox", "none"],
        &["explain", "no-such-code"],
        &["verify", "x"],
        &["verify", "x", "--digest", "md5:00"],
        &["sign", "x", "-k", "k", "--expires", "tomorrow"],
        &["predict", "x", "-i", "rows.csv"],
        &["keygen"],
    ];
    for args in wrong {
        let output = run(args);
        assert_eq!(status(&output), 2, "{args:?}");
        assert!(err(&output).starts_with("error: ") && err(&output).contains("\n  next  "), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");

        let output = run(&[args, &["--json"]].concat());
        assert_eq!(status(&output), 2, "{args:?}");
        let document = document(&output);
        assert_eq!(document["schema"], "coldload.report/1");
        assert_eq!(document["error"]["kind"], "usage", "{document}");
        assert!(document["error"]["next"].as_str().is_some_and(|next| !next.is_empty()), "{document}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn a_name_that_runs_code_is_a_mistake_of_the_command_line() {
    let output = run(&["scan", "a.pkl", "b.pkl", "--allow", "os.system"]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).starts_with("error: os.system can never be allowed: it would run a command\n"), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn a_document_that_can_not_be_put_in_its_file_is_printed_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let output = run_with(folder.path(), &[], &["vocabulary", "os.system", "--json", "--output-file", "no/where.json"]);
    assert_eq!(status(&output), 2);
    let error = &document(&output)["error"];
    assert_eq!(error["kind"], "io", "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("no/where.json") && !message.contains(".coldload-"), "{message}");
}

#[test]
fn a_near_word_is_suggested() {
    let output = run(&["explain", "dangerous-globl"]);
    assert!(err(&output).contains("did you mean: coldload explain dangerous-global\n"), "{output:?}");
    let output = run(&["vocabulary", "RandomForestClassifier"]);
    assert!(out(&output).contains("sklearn.ensemble._forest.RandomForestClassifier"), "{output:?}");
    assert!(!out(&output).contains("--allow RandomForestClassifier"), "{output:?}");
}

#[test]
fn nothing_says_whom_to_trust() {
    let output = run(&["verify", "rf_model.joblib"]);
    let text = "error: no key says whose signature counts\n  looked for  -k, --digest, COLDLOAD_PUBLIC_KEY\n  next        \
                coldload verify rf_model.joblib -k ci.pub\n";
    assert_eq!(err(&output), text);
    let output = run(&["sign", "m.pkl"]);
    assert!(err(&output).contains("  looked for  -k, COLDLOAD_KEY\n"), "{output:?}");
    let output = run(&["predict", "m.pkl", "-i", "rows.csv"]);
    assert!(err(&output).contains("--unverified"), "{output:?}");
}

/// What the gate was asked, told by what it complains about: not the options.
fn reaches_the_gate(variables: &[(&str, &str)], args: &[&str]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let output = run_with(folder.path(), variables, &[args, &["--json"]].concat());
    document(&output)["error"]["kind"] != "usage"
}

#[test]
fn a_variable_stands_for_an_option_and_an_empty_one_for_none() {
    assert!(reaches_the_gate(&[("COLDLOAD_PUBLIC_KEY", "ci.pub")], &["verify", "x"]));
    assert!(!reaches_the_gate(&[("COLDLOAD_PUBLIC_KEY", "")], &["verify", "x"]));
    assert!(!reaches_the_gate(&[("COLDLOAD_KEY", "ci")], &["verify", "x"]));
    assert!(reaches_the_gate(&[("COLDLOAD_KEY", "ci")], &["sign", "x"]));
    let output = run_with(Path::new("."), &[("COLDLOAD_OUTPUT_FORMAT", "json")], &["frobnicate"]);
    assert_eq!(document(&output)["error"]["kind"], "usage");
    let output = run_with(
        Path::new("."),
        &[("COLDLOAD_OUTPUT_FORMAT", "json")],
        &["explain", "expired", "--output-format", "text"],
    );
    assert!(out(&output).starts_with("# expired"), "options beat variables");
    assert_eq!(status(&run_with(Path::new("."), &[("COLDLOAD_OUTPUT_FORMAT", "xml")], &["explain", "expired"])), 2);
}

#[test]
fn a_seal_a_name_and_a_digest_go_with_one_model() {
    let digest = format!("sha256:{}", "0".repeat(64));
    for trust in [&["-k", "k", "--seal", "s"][..], &["-k", "k", "--name", "n"], &["--digest", &digest]] {
        assert!(reaches_the_gate(&[], &[&["verify", "a"], trust].concat()), "{trust:?}");
        assert!(!reaches_the_gate(&[], &[&["verify", "a", "b"], trust].concat()), "{trust:?}");
    }
    assert!(!reaches_the_gate(&[("COLDLOAD_NAME", "n")], &["verify", "a", "b", "-k", "k"]), "no check is dropped");
    assert!(reaches_the_gate(&[], &["verify", "a", "b", "-k", "k"]));
    assert!(!reaches_the_gate(&[], &["sign", "a", "b", "-k", "k"]));
}

#[test]
fn ways_to_trust_do_not_mix() {
    let digest = format!("sha256:{}", "0".repeat(64));
    for args in [
        &["verify", "a", "-k", "k", "--digest", &digest][..],
        &["verify", "a", "--digest", &digest, "--name", "n"],
        &["predict", "a", "-i", "r.csv", "--unverified", "-k", "k"],
        &["predict", "a", "-i", "r.csv", "--unverified", "--name", "n"],
    ] {
        assert!(!reaches_the_gate(&[], args), "{args:?}");
    }
    assert!(reaches_the_gate(&[], &["predict", "a", "-i", "r.csv", "--unverified"]));
}

#[test]
fn the_form_of_rows_and_answers_is_told_by_names_or_said() {
    let predict = |more: &[&str]| reaches_the_gate(&[], &[&["predict", "a", "--unverified"], more].concat());
    assert!(
        predict(&["-i", "r.json"]) && predict(&["-i", "r.NPY"]) && predict(&["-i", "r.txt", "--rows-format", "csv"])
    );
    assert!(!predict(&["-i", "r.txt"]) && !predict(&["-i", "-"]));
    assert!(
        predict(&["-i", "r.csv", "-o", "a.json"]) && predict(&["-i", "r.csv", "-o", "a.npy", "--method", "predict"])
    );
    assert!(!predict(&["-i", "r.csv", "-o", "a.txt"]) && !predict(&["-i", "r.csv", "-o", "a.npy"]));
    assert!(predict(&["-i", "r.csv", "--at", r#"["model", 0]"#]) && !predict(&["-i", "r.csv", "--at", "model"]));
}

#[test]
fn explain_prints_the_page_of_every_code() {
    for code in coldload::reason::Code::ALL {
        let output = run(&["explain", code.text()]);
        assert_eq!(status(&output), 0);
        assert_eq!(out(&output), code.page());
    }
    let document = document(&run(&["explain", "unsigned", "--json"]));
    assert_eq!(document["explain"]["code"], "unsigned");
}

#[test]
fn a_report_can_go_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    std::fs::write(&path, "what was there before, and longer than what comes").unwrap();
    let output = run_with(folder.path(), &[], &["explain", "expired", "--json", "--output-file", "report.json"]);
    assert_eq!((status(&output), out(&output)), (0, String::new()));
    let document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(document["explain"]["code"], "expired");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    let output = run_with(folder.path(), &[], &["explain", "expired", "--output-file", "no/such/folder"]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).starts_with("error: the output could not be written: no/such/folder: "), "{output:?}");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let output = run(&["explain", "expired", "--output-file", "/dev/null"]);
    assert_eq!(status(&output), 0);
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let folder = Path::new(".");
    assert!(!err(&run(&["verify", "x"])).contains('\u{1b}'));
    assert!(err(&run(&["verify", "x", "--color", "always"])).contains('\u{1b}'));
    let output = run_with(folder, &[("NO_COLOR", "1")], &["verify", "x"]);
    assert!(!err(&output).contains('\u{1b}'));
}

#[cfg(unix)]
#[test]
fn nothing_of_an_argument_moves_the_cursor() {
    for args in [&["\u{1b}[2J"][..], &["explain", "\u{1b}[2J"], &["scan", "--\u{1b}[2J"], &["verify", "\u{1b}[2J"]] {
        for more in [&[][..], &["--json"]] {
            let output = run(&[args, more].concat());
            assert!(!out(&output).contains('\u{1b}') && !err(&output).contains('\u{1b}'), "{output:?}");
        }
    }
}

#[test]
fn who_stops_reading_gets_no_complaint() {
    use std::process::Stdio;
    let mut child = Command::new(env!("CARGO_BIN_EXE_coldload"))
        .args(["explain", "expired"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((status(&output), err(&output)), (0, String::new()));
}
