use coldload::bytes::*;
use coldload::format::*;
use coldload::vocabulary::*;
struct P(bool);
impl Consumer for P {
    fn event(&mut self, at: u64, act: Act, _: coldload::graph::NameId, n: &coldload::graph::Name) {
        if self.0 {
            println!("{at} {} {n}", act.text());
        }
    }
}
fn main() {
    let trace = std::env::var("T").is_ok();
    for path in std::env::args().skip(1) {
        let b = std::fs::read(&path).unwrap();
        let v = Vocabulary::new(&[]).unwrap();
        let mut e = P(trace);
        let mut ctx = Ctx::new(
            &v,
            Budget::new(&Limits::default(), b.len() as u64),
            if std::env::var("K").is_ok() { Keep::Bytes } else { Keep::Shapes },
            &mut e,
        );
        let mut input = Input::from_bytes(&b, usize::MAX);
        let mut p = Parsed::default();
        let t = std::time::Instant::now();
        let r = read(&mut input, &mut ctx, &mut p);
        let el = t.elapsed();
        let f = findings(&ctx, &p.roots, r.as_ref().err());
        println!(
            "{path} {:?} {} {:?}",
            p.roots.first().map(|r| ctx.heap.show(*r)),
            if f.is_empty() { "OK" } else { "REFUSED" },
            el
        );
        for x in f.iter().take(3) {
            println!("   {} {} [{}]", x.code, x.message, x.why);
        }
    }
}
