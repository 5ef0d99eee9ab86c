//! Orders that are sent before their turns.

use super::*;

/// Sends three orders before their turns, and asks for what came of them in their order.
fn three(part: impl FnOnce(Played) + Send + 'static) -> Answers {
    three_once(|| (), part)
}

type Answers = (Vec<Result<Answer, Death>>, Vec<Finding>);

/// The same, asking not before `ready` says so.
fn three_once(ready: impl FnOnce(), part: impl FnOnce(Played) + Send + 'static) -> Answers {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let mut process = start(part).unwrap();
    let mut heard = Heard::default();
    assert!((0..3).all(|number| process.queue(&[work], Queued(number), true) == 1));
    ready();
    let mut answers = Vec::new();
    for number in 0..3 {
        assert!(process.is_next(Queued(number)) && !process.is_next(Queued(number + 1)));
        answers.push(process.answer(&work, &mut heard));
        if answers.last() != Some(&done()) {
            break;
        }
    }
    (answers, heard.0)
}

fn done() -> Result<Answer, Death> {
    Ok(Answer::Ended(Outcome::Done { written: Written::default() }))
}

fn judged() -> FromWorker {
    FromWorker::Judged(Box::new(observation()))
}

#[test]
fn orders_before_their_turn_are_answered_in_their_turn() {
    let (answers, heard) = three(|worker| {
        worker.begin();
        worker.say(&judged());
        for _ in 0..2 {
            let Some(ToWorker::Begin { order, .. }) = worker.hear() else { panic!("the next order is there") };
            let order: Order = protocol::decode(&order).unwrap();
            assert_eq!(order.job, None, "the same job is not sent again");
            worker.say(&judged());
        }
        worker.linger();
    });
    assert_eq!(answers, [done(), done(), done()]);
    assert!(heard.is_empty());
}

#[test]
fn what_was_said_before_a_death_or_a_breach_stands_and_the_next_file_has_it() {
    let (answers, _) = three(|worker| {
        worker.all_three();
        worker.say(&judged());
    });
    assert_eq!(answers, [done(), Err(Death::Silent)]);
    let (answers, heard) = three(|worker| {
        worker.all_three();
        worker.say(&judged());
        worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "at byte 3")));
        worker.say(&judged());
        worker.linger();
    });
    assert_eq!(answers, [done(), Err(Death::Protocol(Breach::Order("an observation of a refused file")))]);
    assert_eq!(heard.len(), 1);
    // Nor is it lost if the worker ends before it read the orders that it was sent.
    let (ended, ends) = std::sync::mpsc::channel();
    let (answers, _) = three_once(
        || ends.recv().unwrap(),
        move |worker| {
            worker.begin();
            std::thread::sleep(Duration::from_millis(50));
            worker.say(&judged());
            drop(worker);
            ended.send(()).unwrap();
        },
    );
    assert_eq!(answers, [done(), Err(Death::Silent)]);
    // Two answers to one order are the answers to two, which a worker that was taken over can give anyway.
    let (answers, _) = three(|worker| {
        worker.all_three();
        (0..2).for_each(|_| worker.say(&judged()));
    });
    assert_eq!(answers, [done(), done(), Err(Death::Silent)]);
}

#[test]
fn a_file_beside_the_model_is_not_handed_to_a_worker_that_has_other_orders() {
    let (answers, heard) = three(|worker| {
        worker.all_three();
        worker.say(&FromWorker::Beside("m_01.npy".to_owned()));
        worker.linger();
    });
    assert_eq!(answers, [Ok(Answer::Alone)]);
    assert!(heard.is_empty());
}

#[test]
fn an_order_waits_for_its_turn_only_where_a_worker_has_room_and_kept_silent() {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        |size| Work { beside: 0, job: &job, file: &file, size, expectation: &Expectation::Once, rows: None, out: None };
    let mut process = start(|worker| (worker.begin(), worker.linger()).1).unwrap();
    assert_eq!(process.queue(&[work(1 << 30)], Queued(0), true), 0, "this takes more memory than it has");
    assert!(process.is_idle() && process.queue(&[work(1)], Queued(1), true) == 1);
    let mut talks = start(|worker| {
        worker.say(&FromWorker::Hello(hello()));
        worker.say(&judged());
        worker.linger();
    })
    .unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(talks.queue(&[work(1)], Queued(0), true), 0, "it said something unasked");
}

/// Sends three small files in one packet, of which may be spoken together or not, and asks for what came of them up to the first that
/// was not judged.
fn bundled(together: bool, said: impl FnOnce(&Played) + Send + 'static) -> Answers {
    let file = tempfile::tempfile().unwrap();
    (&file).write_all(b"N.").unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 2, expectation: &Expectation::Once, rows: None, out: None };
    let mut process = start(move |worker| {
        worker.say(&FromWorker::Hello(hello()));
        assert!(matches!(worker.hear(), Some(ToWorker::Setup(_))));
        let Some(ToWorker::Bundle(bundle)) = worker.hear() else { panic!("one packet has them all") };
        let whole = Carried::Bytes(ByteBuf::from(b"N."));
        assert!(bundle.job.is_some() && bundle.files.iter().all(|file| file.carried == whole));
        assert_eq!((bundle.files.len(), bundle.together), (3, together));
        said(&worker);
    })
    .unwrap();
    assert_eq!(process.queue(&[work; 3], Queued(7), together), 3);
    let (mut answers, mut heard) = (Vec::new(), Heard::default());
    for number in 7..10 {
        assert!(process.is_next(Queued(number)));
        answers.push(process.answer(&work, &mut heard));
        if answers.last() != Some(&done()) {
            break;
        }
    }
    (answers, heard.0)
}

/// Judgements in one packet.
fn judgements(words: &[FromWorker]) -> FromWorker {
    FromWorker::Judgements(words.iter().map(|word| ByteBuf::from(protocol::encode(word).unwrap())).collect())
}

fn refusal() -> FromWorker {
    FromWorker::Note(Finding::new(Code::Malformed, "at byte 1"))
}

#[test]
fn small_files_come_together_and_are_answered_one_by_one() {
    let (answers, _) = bundled(false, |worker| {
        (0..3).for_each(|_| worker.say(&judged()));
        worker.linger();
    });
    assert_eq!(answers, [done(), done(), done()]);
    // Who dies with the second one did so of that, and the answer to the first one stands.
    let (answers, _) = bundled(false, |worker| worker.say(&judged()));
    assert_eq!(answers, [done(), Err(Death::Silent)]);
}

#[test]
fn small_files_may_be_spoken_of_together() {
    let (answers, _) = bundled(true, |worker| {
        worker.say(&judgements(&[judged(), judged(), judged()]));
        worker.linger();
    });
    assert_eq!(answers, [done(), done(), done()]);
    let (answers, heard) = bundled(true, |worker| {
        worker.say(&judgements(&[judged(), judged()]));
        worker.say(&refusal());
        worker.say_long(&Outcome::Refused { more: 0 }, FromWorker::End);
        worker.linger();
    });
    assert_eq!(answers, [done(), done(), Ok(Answer::Ended(Outcome::Refused { more: 0 }))]);
    assert_eq!(heard.len(), 1);
}

#[test]
fn of_which_of_several_files_a_worker_died_is_known_only_if_it_began_to_speak_of_it() {
    let (answers, _) = bundled(true, |_| {});
    assert_eq!(answers, [Ok(Answer::Lost)]);
    let (answers, _) = bundled(true, |worker| worker.say(&judgements(&[judged(), judged()])));
    assert_eq!(answers, [done(), done(), Ok(Answer::Lost)]);
    let (answers, heard) = bundled(true, |worker| {
        worker.say(&judged());
        worker.say(&refusal());
    });
    assert_eq!(answers, [done(), Err(Death::Truncated)]);
    assert_eq!(heard.len(), 1);
}

#[test]
fn several_judgements_are_of_files_that_may_be_spoken_of_together() {
    let breach = |what| Err(Death::Protocol(Breach::Order(what)));
    let (answers, _) = bundled(false, |worker| worker.say(&judgements(&[judged(), judged()])));
    assert_eq!(answers, [breach("judgements of several files")]);
    // Before anything else was said of the file, nothing says of which one the worker was taken over.
    for wrong in [vec![], vec![judged(); 4], vec![judgements(&[judged()])], vec![FromWorker::Part(ByteBuf::from([1]))]]
    {
        let (answers, heard) = bundled(true, move |worker| worker.say(&judgements(&wrong)));
        assert!(heard.is_empty() && matches!(answers[..], [Ok(Answer::Lost) | Err(Death::Protocol(_))]), "{answers:?}");
    }
    let (answers, heard) = bundled(true, |worker| worker.say(&judgements(&[judged(), refusal()])));
    assert_eq!(answers, [done(), breach("another word among judgements")]);
    assert!(heard.is_empty());
    let (answers, _) = bundled(true, |worker| {
        worker.say(&refusal());
        worker.say(&judgements(&[judged()]));
    });
    assert_eq!(answers, [breach("judgements of several files")]);
}
