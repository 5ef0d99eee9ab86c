//! Limits: each with a file that meets it, and one just below that does not; and the memory that the worst files take.

mod opcodes;

use coldload::reason::Code;
use opcodes::*;

/// Asserts that a file meets a limit under `tight`, that the message names it, and that `loose` lets it pass.
#[track_caller]
fn meets(content: &[u8], limit: &str, tight: &str, loose: &str) {
    let answer = judge(content, &[tight], &[]);
    let finding = answer.findings.first().unwrap_or_else(|| panic!("{limit} was not met: {answer:?}"));
    assert_eq!(finding.code, Code::LimitExceeded, "{finding:?}");
    assert!(finding.message.contains(&format!("the limit {limit}")), "{}", finding.message);
    assert!(finding.next.contains(&format!("--limit {limit}=")), "{}", finding.next);
    let answer = judge(content, &[loose], &[]);
    assert!(answer.findings.is_empty(), "{loose}: {:?}", answer.findings);
}

#[test]
fn each_limit_is_met_and_named() {
    let numbers: Vec<Vec<u8>> = (0..100).map(int).collect();
    let numbers: Vec<&[u8]> = numbers.iter().map(Vec::as_slice).collect();
    let hundred = pickle(&[&list(&numbers)]);
    meets(&hundred, "file", "file=100", "file=1KiB");
    meets(&hundred, "values", "values=99", "values=100");
    meets(&hundred, "memory", "memory=1KiB", "memory=1MiB");
    let deep = pickle(&[NONE, &[0x85; 50]]);
    meets(&deep, "depth", "depth=49", "depth=50");
    let names = pickle(&[&name("builtins", "set"), &name("builtins", "frozenset")]);
    meets(&names, "globals", "globals=1", "globals=2");
}

#[test]
fn the_default_of_depth_is_ten_thousand() {
    accepted(&pickle(&[NONE, &[0x85; 10_000]]));
    refused(&pickle(&[NONE, &[0x85; 10_001]]), Code::LimitExceeded);
    refused(&pickle(&[NONE, &vec![0x85; 1_000_000]]), Code::LimitExceeded);
}

#[test]
fn what_comes_out_of_a_decompressor_is_counted() {
    // 200 kB of zeros as joblib's zlib writes them, inside a bytes value: honest, if the user says so.
    let content = pickle(&[&[b"B".as_slice(), &200_000u32.to_le_bytes(), &vec![0; 200_000]].concat()]);
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, &content).unwrap();
    let small = encoder.finish().unwrap();
    assert!(small.len() < 1000);
    meets(&small, "decoded", "decoded=100KiB", "decoded=1MiB");
}

/// A few megabytes of the opcodes that make the most of each byte: each is read within 16 bytes a byte and 64 MiB, which the
/// budget enforces, so that none is refused for memory.
#[test]
fn no_opcode_takes_more_than_sixteen_bytes_a_byte() {
    let times = |opcodes: &[u8], count: usize| opcodes.repeat(count);
    let worst: Vec<(&str, Vec<u8>)> = vec![
        ("empty lists", [b"(".as_slice(), &times(b"]", 4 << 20), b"l"].concat()),
        ("empty dicts", [b"(".as_slice(), &times(b"}", 4 << 20), b"l"].concat()),
        ("marks", [times(b"(", 4 << 20), b"N".to_vec()].concat()),
        ("triples of one value", [b"(".as_slice(), &times(b"N22\x87", 1 << 20), b"l"].concat()),
        ("floats", [b"(".as_slice(), &times(b"G\0\0\0\0\0\0\0\0", 1 << 19), b"l"].concat()),
        ("memoised lists", [b"(".as_slice(), &times(b"]\x94", 2 << 20), b"l"].concat()),
        ("short texts", [b"(".as_slice(), &times(b"\x8c\x00", 2 << 20), b"l"].concat()),
        ("short bytes", [b"(".as_slice(), &times(b"C\x00", 2 << 20), b"l"].concat()),
        ("lists of one", [b"(".as_slice(), &times(b"]Na", 1 << 20), b"l"].concat()),
        ("dicts of one", [b"(".as_slice(), &times(b"}NNs", 1 << 20), b"l"].concat()),
        (
            "objects",
            [
                name("sklearn.preprocessing._data", "StandardScaler").as_slice(),
                b"q\x000(",
                &times(b"h\x00)\x81", 1 << 20),
                b"l",
            ]
            .concat(),
        ),
    ];
    for (what, opcodes) in worst {
        let content = pickle(&[&opcodes]);
        let answer = judge(&content, &[], &[]);
        let refused: Vec<_> = answer.findings.iter().map(|finding| (finding.code, &finding.message)).collect();
        assert!(refused.is_empty(), "{what}: {refused:?}");
    }
}

/// The built program, walls and all, stays within 16 times a file's size and 96 MiB.
#[cfg(target_os = "linux")]
#[test]
fn the_program_stays_within_its_memory() {
    let folder = tempfile::tempdir().unwrap();
    let puts: Vec<u8> = (0..400_000u32).flat_map(|n| [b"r".as_slice(), &(n * 10_000).to_le_bytes()].concat()).collect();
    for (name, content) in [
        ("lists.pkl", pickle(&[b"(", &vec![b']'; 8 << 20], b"l"])),
        ("puts.pkl", pickle(&[NONE, &puts])),
        ("tuples.pkl", pickle(&[b"N", &vec![0x85; 4 << 20]])),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, &content).unwrap();
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_coldload"));
        let mut child = program.arg("scan").arg(&path).stdout(std::process::Stdio::null()).spawn().unwrap();
        let mut peak = 0;
        let status = loop {
            peak = peak.max(resident(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        };
        assert!(matches!(status.code(), Some(0 | 1)), "{name}: {status}");
        let most = 16 * content.len() as u64 + (96 << 20);
        assert!(peak > 1 << 20 && peak <= most, "{name}: {peak} bytes were resident, and {most} are allowed");
    }
}

/// The most that a process and its children had resident so far, in bytes.
#[cfg(target_os = "linux")]
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let own = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or(0) * 1024;
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    // Workers are children of the thread that started them, whichever it is.
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let of_threads = threads.map(|thread| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    let all: std::collections::BTreeSet<u32> = of_threads
        .chain([children])
        .flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>())
        .collect();
    own + all.into_iter().map(resident).sum::<u64>()
}
