//! What is said of things that are no models: each names the thing that is wrong, and what to do about it.
#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A folder with a model `m.pkl` that is sealed as `m`, a folder `d` with the same model in it, and the key pair `k`.
fn desk() -> tempfile::TempDir {
    let desk = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/demo/iris_forest.pkl");
    std::fs::create_dir_all(desk.path().join("d/sub")).unwrap();
    for name in ["m.pkl", "-k.pkl", "d/m.pkl"] {
        std::fs::copy(&model, desk.path().join(name)).unwrap();
    }
    said(&desk, 0, &["keygen", "-o", "k"], &[]);
    said(&desk, 0, &["sign", "m.pkl", "-k", "k", "--name", "m"], &[]);
    desk
}

fn command(desk: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
    for name in ["COLDLOAD_KEY", "COLDLOAD_PUBLIC_KEY", "COLDLOAD_NAME", "COLDLOAD_OUTPUT_FORMAT", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.current_dir(desk.path()).stdin(Stdio::null());
    command
}

fn text(output: Output) -> String {
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// Everything that is printed, of a run that ends with `status`.
#[track_caller]
fn said(desk: &tempfile::TempDir, status: i32, args: &[impl AsRef<OsStr>], variables: &[(&str, &OsStr)]) -> String {
    let output = command(desk).args(args).envs(variables.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    text(output)
}

#[track_caller]
fn holds(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}

#[test]
fn a_seal_that_is_no_file_is_called_that() {
    let desk = desk();
    for (path, kind) in [("d", "a folder"), ("/dev/null", "a pipe, socket or device")] {
        let said = said(&desk, 2, &["verify", "m.pkl", "-k", "k.pub", "--name", "m", "--seal", path], &[]);
        holds(
            &said,
            &[&format!("the seal can not be read: {path} is {kind}"), "name the file of the seal with --seal"],
        );
    }
}

#[test]
fn a_folder_for_temporary_files_that_is_not_there_is_no_fault_of_standard_input() {
    let desk = desk();
    let nowhere = [("TMPDIR", OsStr::new("/nowhere/at/all"))];
    let said = said(&desk, 2, &["scan", "-"], &nowhere);
    holds(&said, &["no temporary file can be made to keep it in", "TMPDIR"]);
}

#[test]
fn a_name_that_a_seal_can_not_hold_is_to_be_changed() {
    let desk = desk();
    let deep = ["a", "b", "c", "d", "e"].map(|letter| letter.repeat(250)).join("/");
    let names: [(&[u8], &str, &str); 2] = [
        (b"d/x\xff", r"x\xff: its name is no UTF-8", "give it another name"),
        (br"d/a\b", r"a\\b: its name has a backslash in it", "give it another name"),
    ];
    for (name, message, next) in names {
        let path = desk.path().join(OsStr::from_bytes(name));
        std::fs::write(&path, b"").unwrap();
        let said = said(&desk, 1, &["sign", "d", "-k", "k", "--name", "d"], &[]);
        holds(&said, &["unsafe-path", message, "a seal names each file in one way", next]);
        std::fs::remove_file(path).unwrap();
    }
    // Seventeen of them are longer than 4096 bytes, and longer than a path that the system takes at once.
    let mut folder =
        rustix::fs::open(desk.path().join("d"), rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    for part in deep.split('/').cycle().take(17) {
        rustix::fs::mkdirat(&folder, part, rustix::fs::Mode::RWXU).unwrap();
        folder = rustix::fs::openat(&folder, part, rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    }
    let too_deep = said(&desk, 1, &["sign", "d", "-k", "k", "--name", "d"], &[]);
    holds(&too_deep, &["its path is too long", "paths of at most 4096 bytes", "move it up"]);
    std::fs::remove_dir_all(desk.path().join("d").join("a".repeat(250))).unwrap();
    let link = desk.path().join("d/link");
    std::os::unix::fs::symlink("m.pkl", &link).unwrap();
    holds(
        &said(&desk, 1, &["sign", "d", "-k", "k", "--name", "d"], &[]),
        &["link: a link below", "put the file itself"],
    );
    std::fs::remove_file(link).unwrap();
    said(&desk, 0, &["sign", "d", "-k", "k", "--name", "d"], &[]);
}

#[test]
fn names_that_look_the_same_are_told_apart() {
    let desk = desk();
    said(&desk, 0, &["sign", "m.pkl", "-k", "k", "--name", "caf\u{e9}"], &[]);
    let verify = |status, name: &str| said(&desk, status, &["verify", "m.pkl", "-k", "k.pub", "--name", name], &[]);
    holds(&verify(1, "cafe\u{301}"), &["wrong-model", r"they part at \u{e9} and e\u{301}"]);
    holds(&verify(1, "c\u{430}f\u{e9}"), &[r"they part at af and \u{430}f"]);
    assert!(!verify(1, "tea").contains("part at"));
    verify(0, "caf\u{e9}");
}

#[test]
fn a_variable_of_a_pipeline_that_is_no_text_is_called_that() {
    let desk = desk();
    let sign = ["sign", "m.pkl", "-k", "k", "--name", "m"];
    let run = |id: &[u8]| {
        let variables = [("GITHUB_ACTIONS", &b"true"[..]), ("GITHUB_REPOSITORY", b"a/b"), ("GITHUB_RUN_ID", id)];
        let variables = variables.map(|(name, value)| (name, OsStr::from_bytes(value)));
        text(command(&desk).args(sign).envs(variables).output().unwrap())
    };
    holds(&run(b"1\xff"), &["GITHUB_RUN_ID", "is no UTF-8"]);
    holds(&run(b"1\n"), &["GITHUB_RUN_ID", "has a control character"]);
}

#[test]
fn what_is_to_be_pasted_is_no_option() {
    let desk = desk();
    let signed = said(&desk, 0, &["sign", "-k", "k", "--name=-x", "--", "-k.pkl"], &[]);
    holds(&signed, &["coldload verify ./-k.pkl -k k.pub --name=-x\n"]);
    let words = ["verify", "./-k.pkl", "-k", "k.pub", "--name=-x"];
    said(&desk, 0, &words, &[]);
}

#[test]
fn the_folder_of_the_command_itself_is_not_replaced_by_a_copy() {
    let desk = desk();
    let empty = desk.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let verify = ["verify", "../m.pkl", "-k", "../k.pub", "--name", "m", "--to"];
    for to in [".", "../empty"] {
        let output = command(&desk).current_dir(&empty).args(verify).arg(to).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        holds(&text(output), &["is the folder in which this command runs", "name a folder that does not exist"]);
    }
    said(&desk, 0, &["verify", "m.pkl", "-k", "k.pub", "--name", "m", "--to", "empty"], &[]);
    assert!(empty.join("m.pkl.seal").exists());
}

/// As another user, for nothing is unreadable to root.
#[test]
fn a_folder_that_can_not_be_read_is_named_itself() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let desk = desk();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let program = desk.path().join("program");
    std::fs::copy(env!("CARGO_BIN_EXE_coldload"), &program).unwrap();
    mode(desk.path(), 0o755);
    mode(&desk.path().join("d/sub"), 0o000);
    for (args, root) in
        [(&["verify", "d", "-k", "k.pub", "--name", "m", "--seal", "m.pkl.seal"][..], true), (&["scan", "d"], false)]
    {
        let mut command = Command::new(&program);
        if rustix::process::geteuid().is_root() {
            command.uid(65534).gid(65534);
        }
        let output = command.current_dir(desk.path()).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = text(output);
        holds(&said, &["d/sub can not be read: Permission denied", "check its permissions"]);
        assert_eq!(said.contains("d/m.pkl  accepted"), !root, "{said}");
    }
    mode(&desk.path().join("d/sub"), 0o755);
}
