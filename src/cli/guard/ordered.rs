//! Jobs on all threads whose reports come out in the order of the jobs, while they are written.
//!
//! Jobs are begun in order. The one whose turn it is writes straight to the output; those ahead of it keep what they write
//! until their turn comes, and wait when they keep too much. So a report takes as much memory as its largest parts that are
//! worked on at the same time, however long it is.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::fault::Fault;
use super::validate::Streams;

/// What puts the parts of a report together.
pub(super) trait Frame: Send {
    /// What is known of a job when it has ended.
    type Done: Send;

    /// Goes before what a job writes, if it writes anything.
    fn open(&mut self, job: usize, out: &mut dyn Write) -> io::Result<()>;

    /// Ends a job, whether it wrote anything or not.
    fn close(&mut self, job: usize, done: Self::Done, to: &mut Streams<'_>) -> Result<(), Fault>;
}

/// Bytes that a part is written in.
const PIECE: usize = 1 << 16;
/// What a piece may be longer before it grows.
const SLACK: usize = 4 << 10;

/// Bytes that all parts that wait for their turn may take together: half of what the input takes, within these.
const AHEAD: std::ops::RangeInclusive<usize> = (128 << 10)..=(8 << 20);

/// Does jobs, and gives the frame back. After the first fault nothing more is written. `size` is that of the input.
pub(super) fn run<F: Frame>(
    jobs: usize,
    size: usize,
    frame: F,
    to: &mut Streams<'_>,
    work: impl Fn(usize, &mut Part<'_>) -> io::Result<F::Done> + Sync,
) -> Result<F, Fault> {
    let line = Line {
        next: AtomicUsize::new(0),
        turn: AtomicUsize::new(0),
        ahead: AtomicUsize::new(0),
        most: (size / 2).clamp(*AHEAD.start(), *AHEAD.end()),
        stopped: AtomicBool::new(false),
        state: Mutex::new(State { frame, to, ended: (0..jobs).map(|_| None).collect(), fault: None }),
        moved: Condvar::new(),
    };
    let threads = rayon::current_num_threads().min(jobs);
    rayon::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|_| line.jobs(jobs, &work));
        }
    });
    let state = line.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match state.fault {
        Some(fault) => Err(fault),
        None => Ok(state.frame),
    }
}

/// The jobs, in a line.
struct Line<'s, 'o, F: Frame> {
    next: AtomicUsize,
    /// The job that writes.
    turn: AtomicUsize,
    /// Bytes that wait.
    ahead: AtomicUsize,
    /// How many may.
    most: usize,
    stopped: AtomicBool,
    state: Mutex<State<'s, 'o, F>>,
    moved: Condvar,
}

struct State<'s, 'o, F: Frame> {
    frame: F,
    to: &'s mut Streams<'o>,
    /// Jobs that ended before their turn.
    ended: Box<[Option<Ended<F::Done>>]>,
    fault: Option<Fault>,
}

/// What a job that ended leaves to be written.
struct Ended<D> {
    kept: Kept,
    done: D,
}

/// What a job wrote, as far as it has not gone out: full pieces, and the one that is being filled.
#[derive(Default)]
struct Kept {
    pieces: Vec<Vec<u8>>,
    bytes: Vec<u8>,
    /// How many of them were counted as waiting.
    counted: usize,
    /// Whether something went out.
    open: bool,
}

/// The line, as its jobs see it.
trait Turns {
    /// Takes what a job wrote if it is its turn, and otherwise has it wait if too much is kept.
    fn take(&self, job: usize, kept: &mut Kept) -> io::Result<()>;
}

/// Where a job writes.
pub(super) struct Part<'l> {
    line: &'l dyn Turns,
    job: usize,
    kept: Kept,
}

impl Kept {
    fn len(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum::<usize>() + self.bytes.len()
    }
}

impl Write for Part<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.kept.bytes.extend_from_slice(bytes);
        if self.kept.bytes.len() < PIECE { Ok(()) } else { self.line.take(self.job, &mut self.kept) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'s, 'o, F: Frame> Line<'s, 'o, F> {
    fn lock(&self) -> MutexGuard<'_, State<'s, 'o, F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn jobs(&self, jobs: usize, work: &(impl Fn(usize, &mut Part<'_>) -> io::Result<F::Done> + Sync)) {
        while !self.stopped.load(Ordering::Acquire) {
            let job = self.next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                break;
            }
            let mut part = Part { line: self, job, kept: Kept::default() };
            match work(job, &mut part) {
                Ok(done) => self.end(job, Ended { kept: part.kept, done }),
                Err(error) => self.stop(&mut self.lock(), Fault::Output(error)),
            }
        }
    }

    fn stop(&self, state: &mut State<'_, '_, F>, fault: Fault) {
        state.fault.get_or_insert(fault);
        self.stopped.store(true, Ordering::Release);
        self.moved.notify_all();
    }

    /// Ends a job, and those behind it that have ended already.
    fn end(&self, job: usize, ended: Ended<F::Done>) {
        let mut state = self.lock();
        let mut ended = ended;
        self.count(&mut ended.kept);
        if let Some(place) = state.ended.get_mut(job) {
            *place = Some(ended);
        }
        loop {
            let turn = self.turn.load(Ordering::Acquire);
            let Some(mut ended) = state.ended.get_mut(turn).and_then(Option::take) else { break };
            if state.fault.is_some() {
                break;
            }
            let State { frame, to, .. } = &mut *state;
            let written = self.write(frame, to, turn, &mut ended.kept).map_err(Fault::Output);
            match written.and_then(|()| frame.close(turn, ended.done, to)) {
                Ok(()) => self.turn.store(turn + 1, Ordering::Release),
                Err(fault) => {
                    self.stop(&mut state, fault);
                    break;
                }
            }
        }
        drop(state);
        self.moved.notify_all();
    }

    fn write(&self, frame: &mut F, to: &mut Streams<'_>, job: usize, kept: &mut Kept) -> io::Result<()> {
        self.ahead.fetch_sub(kept.counted, Ordering::Relaxed);
        kept.counted = 0;
        if kept.len() == 0 {
            return Ok(());
        }
        if !std::mem::replace(&mut kept.open, true) {
            frame.open(job, to.out)?;
        }
        for piece in kept.pieces.drain(..) {
            to.out.write_all(&piece)?;
        }
        to.out.write_all(&kept.bytes)?;
        kept.bytes.clear();
        Ok(())
    }

    /// Counts what is kept as waiting.
    fn count(&self, kept: &mut Kept) {
        let length = kept.len();
        self.ahead.fetch_add(length - kept.counted, Ordering::Relaxed);
        kept.counted = length;
    }
}

impl<F: Frame> Turns for Line<'_, '_, F> {
    fn take(&self, job: usize, kept: &mut Kept) -> io::Result<()> {
        if self.turn.load(Ordering::Acquire) != job {
            // What waits is kept in pieces of a size: to let one vector grow would copy it again and again.
            kept.pieces.push(std::mem::replace(&mut kept.bytes, Vec::with_capacity(PIECE + SLACK)));
            self.count(kept);
            if self.ahead.load(Ordering::Relaxed) < self.most {
                return Ok(());
            }
        }
        let mut state = self.lock();
        while self.turn.load(Ordering::Acquire) != job && !self.stopped.load(Ordering::Acquire) {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if self.stopped.load(Ordering::Acquire) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let State { frame, to, .. } = &mut *state;
        self.write(frame, to, job, kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers;

    impl Frame for Numbers {
        type Done = usize;

        fn open(&mut self, job: usize, out: &mut dyn Write) -> io::Result<()> {
            write!(out, "<{job}>")
        }

        fn close(&mut self, job: usize, done: usize, to: &mut Streams<'_>) -> Result<(), Fault> {
            assert_eq!(job * 3, done);
            if job == 70 {
                return Err(Fault::Said("enough".to_owned()));
            }
            writeln!(to.out, "</{job}>")?;
            Ok(())
        }
    }

    fn report(jobs: usize, threads: usize) -> (String, bool) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut to = Streams { out: &mut out, err: &mut err, look: crate::report::Look::default() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let answer = pool.install(|| {
            run(jobs, 0, Numbers, &mut to, |job, part| {
                // Long parts, short ones and none.
                for _ in 0..[0, 1, 90_000, 7][job % 4] {
                    write!(part, "{job},")?;
                }
                Ok(job * 3)
            })
        });
        (String::from_utf8(out).unwrap(), answer.is_ok())
    }

    #[test]
    fn parts_come_out_in_order_whatever_the_threads() {
        let (one, done) = report(60, 1);
        assert!(done && one.starts_with("</0>\n<1>1,</1>\n<2>2,2,") && one.ends_with("</59>\n"));
        for threads in [2, 3, 8] {
            assert!(report(60, threads) == (one.clone(), true), "{threads} threads");
        }
    }

    #[test]
    fn nothing_is_written_behind_a_fault() {
        for threads in [1, 4] {
            let (text, done) = report(400, threads);
            assert!(!done && text.ends_with(['2', ',']), "{threads}");
            assert!(text.contains("</69>\n<70>") && !text.contains("</70>"));
        }
    }
}
