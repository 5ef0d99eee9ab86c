//! Orders that are sent before their turns.

use super::*;

/// Sends three orders before their turns, and asks for what came of them in their order.
fn three(part: impl FnOnce(Played) + Send + 'static) -> Answers {
    three_once(|| (), part)
}

type Answers = (Vec<Result<Option<Outcome>, Death>>, Vec<Finding>);

/// The same, asking not before `ready` says so.
fn three_once(ready: impl FnOnce(), part: impl FnOnce(Played) + Send + 'static) -> Answers {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let mut process = start(part).unwrap();
    let mut heard = Heard::default();
    assert!((0..3).all(|number| process.queue(&[work], Queued(number)) == 1));
    ready();
    let mut answers = Vec::new();
    for number in 0..3 {
        assert!(process.is_next(Queued(number)) && !process.is_next(Queued(number + 1)));
        answers.push(process.answer(&work, &mut heard));
        if !matches!(answers.last(), Some(Ok(Some(Outcome::Done { .. })))) {
            break;
        }
    }
    (answers, heard.0)
}

fn judged() -> FromWorker {
    FromWorker::Judged(Box::new(observation()))
}

#[test]
fn orders_before_their_turn_are_answered_in_their_turn() {
    let done = || Ok(Some(Outcome::Done { written: Written::default() }));
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
    let done = || Ok(Some(Outcome::Done { written: Written::default() }));
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
    assert_eq!(answers, [Ok(None)]);
    assert!(heard.is_empty());
}

#[test]
fn an_order_waits_for_its_turn_only_where_a_worker_has_room_and_kept_silent() {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        |size| Work { beside: 0, job: &job, file: &file, size, expectation: &Expectation::Once, rows: None, out: None };
    let mut process = start(|worker| (worker.begin(), worker.linger()).1).unwrap();
    assert_eq!(process.queue(&[work(1 << 30)], Queued(0)), 0, "this takes more memory than it has");
    assert!(process.is_idle() && process.queue(&[work(1)], Queued(1)) == 1);
    let mut talks = start(|worker| {
        worker.say(&FromWorker::Hello(hello()));
        worker.say(&judged());
        worker.linger();
    })
    .unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(talks.queue(&[work(1)], Queued(0)), 0, "it said something unasked");
}

/// Sends three small files together, and asks for what came of the first two.
fn bundled(part: impl FnOnce(Played) + Send + 'static) -> Vec<Result<Option<Outcome>, Death>> {
    let file = tempfile::tempfile().unwrap();
    (&file).write_all(b"N.").unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 2, expectation: &Expectation::Once, rows: None, out: None };
    let mut process = start(part).unwrap();
    assert_eq!(process.queue(&[work; 3], Queued(7)), 3);
    assert!(process.is_next(Queued(7)));
    let first = process.answer(&work, &mut Heard::default());
    assert!(process.is_next(Queued(8)));
    vec![first, process.answer(&work, &mut Heard::default())]
}

#[test]
fn small_files_come_together_and_are_answered_one_by_one() {
    let done = || Ok(Some(Outcome::Done { written: Written::default() }));
    let hello_and_files = |worker: &Played| {
        worker.say(&FromWorker::Hello(hello()));
        assert!(matches!(worker.hear(), Some(ToWorker::Setup(_))));
        let Some(ToWorker::Bundle(bundle)) = worker.hear() else { panic!("one packet has them all") };
        assert!(bundle.job.is_some() && bundle.files.iter().all(|file| *file.bytes == b"N."[..]));
        assert_eq!(bundle.files.len(), 3);
    };
    let answers = bundled(move |worker| {
        hello_and_files(&worker);
        (0..2).for_each(|_| worker.say(&judged()));
        worker.linger();
    });
    assert_eq!(answers, [done(), done()]);
    // Who dies with the second one did so of that, and the answer to the first one stands.
    let answers = bundled(move |worker| {
        hello_and_files(&worker);
        worker.say(&judged());
    });
    assert_eq!(answers, [done(), Err(Death::Silent)]);
}
