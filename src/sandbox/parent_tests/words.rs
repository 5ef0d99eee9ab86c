//! What a worker says, and when.

use super::*;

#[test]
fn an_honest_worker_is_believed() {
    let done = Outcome::Done { written: Written::default() };
    let outcome = judge(|worker| {
        worker.begin();
        assert_eq!(worker.observe(), Some(ToWorker::Decide(Decision::Proceed)));
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
        worker.linger();
    });
    assert_eq!(outcome, Ok(done));
}

#[test]
fn a_worker_that_makes_nothing_of_the_file_does_not_wait() {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let done = Outcome::Done { written: Written::default() };
    let mut process = start(|worker| {
        worker.begin();
        worker.say_long(&observation(), FromWorker::Observed);
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
        assert_eq!(worker.hear(), None, "no decision is told to one that does not wait");
    })
    .unwrap();
    assert_eq!(process.judge(&work, &mut Heard::default()), Ok(done));
}

#[test]
fn what_is_no_worker_of_this_build_gets_no_byte() {
    let build = Hello { build: "coldload 0.0.0".to_owned(), ..hello() };
    let message = unavailable(start(move |worker| {
        worker.say(&FromWorker::Hello(build));
        worker.linger();
    }));
    assert!(message.contains("coldload 0.0.0"), "{message}");
    let newer = Hello { protocol: PROTOCOL + 1, ..hello() };
    unavailable(start(move |worker| worker.say(&FromWorker::Hello(newer))));
    unavailable(start(|worker| worker.raw(b"GET / HTTP/1.1\r\n\r\n")));
    unavailable(start(|worker| worker.say(&FromWorker::Observed(ByteBuf::new()))));
    unavailable(start(|worker| worker.raw(&[7; PACKET + 1])));
    let ended = unavailable(start(drop));
    assert!(ended.contains("ended before"), "{ended}");
}

#[test]
fn a_worker_without_its_walls_gets_no_byte() {
    let mut weak = hello();
    weak.walls.seccomp_filters = 0;
    weak.walls.missing.push("seccomp: \x1b[2J".to_owned());
    let (heard, hears) = std::sync::mpsc::channel();
    let message = unavailable(start(move |worker| {
        worker.say(&FromWorker::Hello(weak));
        while let Some(word) = worker.hear() {
            heard.send(word).unwrap();
        }
    }));
    assert_eq!(hears.iter().collect::<Vec<_>>(), [ToWorker::Setup(setup())], "and no descriptor");
    assert!(message.contains(r"without seccomp (seccomp: \x1b[2J)"), "{message}");
}

#[test]
fn one_that_never_answers_meets_the_clock() {
    let late = Death::Limit(Exceeded { limit: Limit::Time, value: 1 });
    let begin = Instant::now();
    assert_eq!(judge_for(1, None, |worker| (worker.begin(), worker.linger()).1).0, Err(late.clone()));
    assert!(begin.elapsed() < Duration::from_secs(15), "it would have gone on for ever");
    // Nor does one get more time that talks, a byte at a time.
    let (talks, _) = judge_for(1, None, |worker| {
        worker.begin();
        loop {
            let piece = protocol::encode(&FromWorker::Part(ByteBuf::from(vec![0]))).unwrap();
            if rustix::net::send(&worker.0, &piece, SendFlags::NOSIGNAL).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(talks, Err(late));
}

#[test]
fn one_that_ends_early_is_silent_or_truncated() {
    assert_eq!(judge(|worker| worker.begin()), Err(Death::Silent));
    let (death, heard) = judge_with(None, |worker| {
        worker.begin();
        worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "at byte 3")));
    });
    assert_eq!(death, Err(Death::Truncated));
    assert_eq!(heard.len(), 1, "what was seen before is not lost");
    let half = judge(|worker| {
        worker.begin();
        worker.say(&FromWorker::Part(ByteBuf::from(vec![0; 10])));
    });
    assert_eq!(half, Err(Death::Truncated));
}

/// The breach that a worker commits by this, after it was given its order.
fn broken(part: impl Fn(&Played) + Send + 'static) -> Breach {
    let result = judge(move |worker| {
        worker.begin();
        part(&worker);
        worker.linger();
    });
    match result {
        Err(Death::Protocol(breach)) => breach,
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_that_are_huge_half_empty_or_out_of_turn_break_the_protocol() {
    assert_eq!(broken(|worker| worker.raw(&[0; PACKET + 1])), Breach::Oversized);
    assert_eq!(broken(|worker| worker.raw(&[])), Breach::Empty);
    assert_eq!(
        broken(|worker| worker.raw(&protocol::encode(&FromWorker::End(ByteBuf::new())).unwrap()[..2])),
        Breach::Undecodable
    );
    assert_eq!(broken(|worker| worker.say(&FromWorker::Hello(hello()))), Breach::Order("a second hello"));
    let early = broken(|worker| worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End));
    assert!(matches!(early, Breach::Outcome(_)));
    let impatient = broken(|worker| {
        worker.say_long(&observation(), FromWorker::Observed);
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
    });
    assert_eq!(impatient, Breach::Order("words before the decision"));
    let flood = broken(|worker| {
        for _ in 0..=protocol::NOTES {
            worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "x")));
        }
    });
    assert_eq!(flood, Breach::TooMany("findings"));
    let long = broken(|worker| {
        for _ in 0..200 {
            worker.say(&FromWorker::Part(ByteBuf::from(vec![0; 60_000])));
        }
    });
    assert_eq!(long, Breach::TooMany("pieces"));
    let passed = broken(|worker| {
        let word = protocol::encode(&FromWorker::End(ByteBuf::new())).unwrap();
        socket::send(&worker.0, &word, &[worker.0.as_fd()], SendFlags::empty()).unwrap();
    });
    assert_eq!(passed, Breach::Descriptors);
}

#[test]
fn a_file_beside_the_model_is_asked_for_in_turn_and_once() {
    let question = |name: &str| FromWorker::Beside(name.to_owned());
    let out_of_turn = Breach::Order("a question for a file");
    let twice = broken(move |worker| {
        worker.say(&question("m_01.npy"));
        assert!(matches!(worker.hear(), Some(ToWorker::Beside(_))));
        worker.say(&question("m_01.npy"));
    });
    // The first one was not there.
    assert_eq!(twice, out_of_turn);
    let long = broken(move |worker| worker.say(&question(&"m".repeat(protocol::NAME + 1))));
    assert_eq!(long, Breach::TooMany("questions for files"));
    let behind_a_finding = broken(move |worker| {
        worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "x")));
        worker.say(&question("m_01.npy"));
    });
    assert_eq!(behind_a_finding, out_of_turn);
    let between_pieces = broken(move |worker| {
        worker.say(&FromWorker::Part(ByteBuf::from(vec![0; 10])));
        worker.say(&question("m_01.npy"));
    });
    assert_eq!(between_pieces, out_of_turn);
    let behind_the_observation = broken(move |worker| {
        assert!(worker.observe().is_some());
        worker.say(&question("m_01.npy"));
    });
    assert_eq!(behind_the_observation, out_of_turn);
    let impatient = broken(move |worker| {
        worker.say(&question("m_01.npy"));
        worker.say(&question("m_02.npy"));
    });
    assert_eq!(impatient, Breach::Order("words before the answer"));
}

#[test]
fn words_that_come_twice_or_in_another_order_break_the_protocol() {
    let done = || Outcome::Done { written: Written::default() };
    let note = || FromWorker::Note(Finding::new(Code::Malformed, "x"));
    type Part = Box<dyn FnOnce(&Played) + Send>;
    let cases: Vec<(Part, Breach)> = vec![
        (Box::new(move |worker| worker.say(&FromWorker::Observed(ByteBuf::new()))), Breach::Undecodable),
        (
            Box::new(move |worker| {
                worker.observe();
                worker.say_long(&observation(), FromWorker::Observed);
            }),
            Breach::Order("a second observation"),
        ),
        (
            Box::new(move |worker| {
                worker.say(&note());
                worker.say_long(&observation(), FromWorker::Observed);
            }),
            Breach::Order("an observation of a refused file"),
        ),
        (
            Box::new(move |worker| {
                worker.say(&FromWorker::Part(ByteBuf::from(vec![0xf6])));
                worker.say(&note());
            }),
            Breach::Order("a finding between pieces"),
        ),
        (
            Box::new(move |worker| {
                // The second half before the first.
                let bytes = protocol::encode(&observation()).unwrap();
                let (first, second) = bytes.split_at(bytes.len() / 2);
                worker.say(&FromWorker::Part(ByteBuf::from(second)));
                worker.say(&FromWorker::Part(ByteBuf::from(first)));
                worker.say(&FromWorker::Observed(ByteBuf::new()));
            }),
            Breach::Undecodable,
        ),
        (
            Box::new(move |worker| {
                worker.observe();
                worker.say(&note());
                worker.say_long(&done(), FromWorker::End);
            }),
            Breach::Outcome("done with findings"),
        ),
        (
            Box::new(move |worker| {
                worker.observe();
                worker.say_long(&Outcome::Stopped, FromWorker::End);
            }),
            Breach::Outcome("stopped without being told to"),
        ),
    ];
    for (part, breach) in cases {
        let death = judge(move |worker| {
            worker.begin();
            part(&worker);
            worker.linger();
        })
        .unwrap_err();
        assert_eq!(death, Death::Protocol(breach));
        assert_eq!(death.judged().unwrap().code, Code::WorkerProtocol);
    }
}

#[test]
fn words_behind_the_end_are_not_about_the_next_file() {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: waiting(), limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let (said, all) = std::sync::mpsc::channel();
    let mut process = start(move |worker| {
        worker.begin();
        worker.observe();
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
        said.send(()).unwrap();
        worker.linger();
    })
    .unwrap();
    assert!(process.judge(&work, &mut Heard::default()).is_ok());
    all.recv().unwrap();
    assert!(!process.serves(&ROOM), "a worker that said something unasked serves no more");
}

#[test]
fn descriptors_that_come_unasked_are_closed() {
    let (reads, writes) = std::io::pipe().unwrap();
    let mut process = start(move |worker| {
        worker.begin();
        let word = protocol::encode(&FromWorker::End(ByteBuf::new())).unwrap();
        socket::send(&worker.0, &word, &[writes.as_fd()], SendFlags::empty()).unwrap();
        drop(writes);
        worker.linger();
    })
    .unwrap();
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: waiting(), limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let death = process.judge(&work, &mut Heard::default());
    assert_eq!(death, Err(Death::Protocol(Breach::Descriptors)));
    assert_eq!({ reads }.read(&mut [0]).unwrap(), 0, "nobody holds the other end");
}

#[test]
fn words_before_the_order_are_about_no_file() {
    let (late, _) = judge_for(1, None, |worker| {
        worker.say(&FromWorker::Hello(hello()));
        worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "x")));
        worker.linger();
    });
    // The order may be out already; then the note counts for the file, and no outcome follows.
    assert!(matches!(late, Err(Death::Protocol(Breach::Unasked) | Death::Limit(_))), "{late:?}");
    let mut process = start(|worker| {
        worker.say(&FromWorker::Hello(hello()));
        worker.say(&FromWorker::End(ByteBuf::new()));
        worker.linger();
    })
    .unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert!(!process.serves(&ROOM), "a worker that said something unasked serves no more");
}

#[test]
fn an_order_that_nobody_takes_meets_the_clock_too() {
    let expectation = crate::bytes::ChunkTable::new(1 << 40, vec![0; 32 << 18]).map(Expectation::Signed).unwrap();
    let mut limits = Limits::default();
    limits.set("time=1").unwrap();
    let job = Job { task: waiting(), limits, allow: Vec::new(), allow_sets: Vec::new() };
    let file = tempfile::tempfile().unwrap();
    let work =
        Work { beside: 0, job: &job, file: &file, size: 1 << 40, expectation: &expectation, rows: None, out: None };
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let mut process = start(move |worker| {
        worker.say(&FromWorker::Hello(hello()));
        let _ = left.recv();
        drop(worker);
    })
    .unwrap();
    let death = process.judge(&work, &mut Heard::default());
    assert_eq!(death, Err(Death::Limit(Exceeded { limit: Limit::Time, value: 1 })));
    drop(leave);
}

#[test]
fn an_output_that_is_not_the_one_described_does_not_pass() {
    let written = |bytes: &[u8]| Written {
        len: bytes.len() as u64,
        sha256: crate::bytes::Hasher::digest(bytes).to_vec(),
        ..Written::default()
    };
    let mut out = tempfile::tempfile().unwrap();
    out.write_all(b"answer").unwrap();
    for (said, passes) in [(written(b"answer"), true), (written(b"anwser"), false), (Written::default(), false)] {
        let (outcome, _) = judge_with(Some(&out), move |worker| {
            worker.begin();
            worker.observe();
            worker.say_long(&Outcome::Done { written: said }, FromWorker::End);
            worker.linger();
        });
        assert_eq!(outcome.is_ok(), passes);
        assert!(passes || outcome == Err(Death::Protocol(Breach::Output)));
    }
}
