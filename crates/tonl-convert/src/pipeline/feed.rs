//! Where a window's bytes come from, and whether more can be had at once.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

/// What a feed had to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// So many bytes, at least one.
    Bytes(usize),
    /// Nothing at this moment; asking again waits a little.
    Idle,
    /// Nothing for a while; asking again waits until something comes.
    Pause,
    /// No more bytes will come.
    End,
}

/// Gives bytes.
pub(crate) trait Feed {
    /// Fills a part of `buffer`, which is not empty.
    ///
    /// # Errors
    /// What the underlying reader reports.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<Fill>;
}

/// A reader that always has its bytes at hand, such as a file: it is never idle.
pub(crate) struct Steady(pub(crate) Box<dyn Read + Send>);

impl Feed for Steady {
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<Fill> {
        loop {
            return match self.0.read(buffer) {
                Ok(0) => Ok(Fill::End),
                Ok(count) => Ok(Fill::Bytes(count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
        }
    }
}

/// How long nothing must come until a feed counts as paused.
const PATIENCE: Duration = Duration::from_millis(20);

/// Bytes that one read of a live feed takes at most.
const BLOCK_BYTES: usize = 64 << 10;

/// Blocks on their way between the reading thread and the feed.
const BLOCKS: usize = 4;

/// A reader whose bytes come when they come, such as a pipe. A thread of its own reads, so that the
/// feed can tell when nothing comes; it ends with the reader, or when the feed is gone.
pub(crate) struct Live {
    blocks: Receiver<io::Result<Vec<u8>>>,
    spent: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    taken: usize,
    state: LiveState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LiveState {
    Flowing,
    Idle,
    Paused,
}

impl Live {
    pub(crate) fn new(reader: Box<dyn Read + Send>) -> Self {
        let (sender, blocks) = sync_channel(BLOCKS);
        let (spent, recycled) = sync_channel(BLOCKS);
        std::thread::spawn(move || read_blocks(reader, &sender, &recycled));
        Self {
            blocks,
            spent,
            current: Vec::new(),
            taken: 0,
            state: LiveState::Flowing,
        }
    }

    /// The next block, or why there is none now.
    fn receive(&mut self) -> Option<Result<io::Result<Vec<u8>>, Fill>> {
        Some(match self.state {
            LiveState::Flowing => match self.blocks.try_recv() {
                Ok(block) => Ok(block),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => {
                    self.state = LiveState::Idle;
                    Err(Fill::Idle)
                }
            },
            LiveState::Idle => match self.blocks.recv_timeout(PATIENCE) {
                Ok(block) => Ok(block),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    self.state = LiveState::Paused;
                    Err(Fill::Pause)
                }
            },
            LiveState::Paused => match self.blocks.recv() {
                Ok(block) => Ok(block),
                Err(_) => return None,
            },
        })
    }
}

impl Feed for Live {
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<Fill> {
        if self.taken >= self.current.len() {
            let block = match self.receive() {
                None => return Ok(Fill::End),
                Some(Err(fill)) => return Ok(fill),
                Some(Ok(block)) => block?,
            };
            self.state = LiveState::Flowing;
            let spent = std::mem::replace(&mut self.current, block);
            // A full channel only means that enough blocks are on their way back.
            self.spent.try_send(spent).ok();
            self.taken = 0;
        }
        let rest = self.current.get(self.taken..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.taken += count;
        Ok(Fill::Bytes(count))
    }
}

fn read_blocks(
    mut reader: Box<dyn Read + Send>,
    blocks: &SyncSender<io::Result<Vec<u8>>>,
    recycled: &Receiver<Vec<u8>>,
) {
    loop {
        let mut block = recycled.try_recv().unwrap_or_default();
        block.resize(BLOCK_BYTES, 0);
        let result = match reader.read(&mut block) {
            Ok(0) => return,
            Ok(count) => {
                block.truncate(count);
                Ok(block)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let is_last = result.is_err();
        if blocks.send(result).is_err() || is_last {
            return;
        }
    }
}
