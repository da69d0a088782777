//! The search on lines that lose packets: each connection slows down with a loss and grows again, as
//! TCP Reno does, so that it starts faster than it stays and goes in waves.

use super::*;

/// Bytes of a packet of 1,500, and of 9,000.
const PACKET: f64 = 1448.0;
const LARGE_PACKET: f64 = 8948.0;

/// A line and its connections.
struct Lossy {
    /// Packets a second.
    rate: f64,
    round_trip: f64,
    packet: f64,
    /// The share of the packets that are lost.
    loss: f64,
    connections: Vec<Connection>,
    random: fastrand::Rng,
}

struct Connection {
    /// In packets.
    window: f64,
    /// Until the first loss the window doubles.
    starts: bool,
}

impl Lossy {
    fn new(megabits: f64, milliseconds: f64, loss: f64, seed: u64) -> Self {
        Self {
            rate: megabits * 1e6 / 8.0 / PACKET,
            round_trip: milliseconds / 1e3,
            packet: PACKET,
            loss,
            connections: Vec::new(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    fn of_large_packets(self) -> Self {
        Self {
            rate: self.rate * self.packet / LARGE_PACKET,
            packet: LARGE_PACKET,
            ..self
        }
    }

    fn sample(&mut self, slots: usize) -> Sample {
        self.connections.resize_with(slots, || Connection {
            window: 10.0,
            starts: true,
        });
        let round_trips = (TICK.as_secs_f64() / self.round_trip).round() as u64;
        let packets: f64 = (0..round_trips).map(|_| self.take_round_trip()).sum();
        Sample {
            span: TICK,
            bytes: (packets * self.packet) as u64,
            taken: slots,
            waiting: WaitCounts::default(),
            stalled: 0,
        }
    }

    /// A round trip; returns the packets that arrived.
    fn take_round_trip(&mut self) -> f64 {
        let pipe = self.rate * self.round_trip;
        let sent: f64 = self.connections.iter().map(|one| one.window).sum();
        // The queue holds a round trip; beyond that all share the loss.
        let overflow = (1.0 - 2.0 * pipe / sent).max(0.0);
        for one in &mut self.connections {
            let kept = (1.0 - self.loss).powf(one.window) * (1.0 - overflow);
            if self.random.f64() > kept {
                one.window = (one.window / 2.0).max(2.0);
                one.starts = false;
            } else if one.starts {
                one.window *= 2.0;
            } else {
                one.window += 1.0;
            }
        }
        sent.min(pipe)
    }

    /// Searches for so many minutes; returns the changes and the share of the line that was used.
    fn search(&mut self, climb: &mut HillClimb, minutes: u64) -> (Vec<ConcurrencyChange>, f64) {
        let samples = minutes * 120;
        let (mut changes, mut bytes) = (Vec::new(), 0);
        for _ in 0..samples {
            let sample = self.sample(climb.slots());
            bytes += sample.bytes;
            changes.extend(climb.observe(sample));
        }
        let most = self.rate * self.packet * TICK.as_secs_f64() * samples as f64;
        (changes, bytes as f64 / most)
    }
}

#[test]
fn it_goes_on_for_as_long_as_doubling_pays() {
    // Mbit/s, ms, loss, and the numbers that fill the line. Four carry 85 % of the third, which the
    // first seconds hide: the rest finds out.
    let lines = [
        (50.0, 120.0, 0.0, 4..=8),
        (50.0, 120.0, 0.001, 16..=16),
        (50.0, 40.0, 0.001, 8..=8),
        (1000.0, 5.0, 0.001, 16..=16),
    ];
    for (megabits, milliseconds, loss, wanted) in lines {
        for seed in 0..5 {
            let mut line = Lossy::new(megabits, milliseconds, loss, seed);
            let mut climb = HillClimb::new(4, 64);
            let (changes, _) = line.search(&mut climb, 2);
            let last = changes
                .iter()
                .rfind(|one| one.why != ChangeReason::Trial)
                .unwrap();
            assert!(wanted.contains(&last.slots), "{changes:#?}");
        }
    }
}

#[test]
fn waves_that_no_window_evens_out_do_not_hide_what_doubling_pays() {
    for seed in 0..20 {
        let mut line = Lossy::new(1000.0, 120.0, 0.001, seed).of_large_packets();
        let mut climb = HillClimb::new(4, 64);
        let (changes, _) = line.search(&mut climb, 4);
        assert!(climb.slots() >= 32, "{seed}: {changes:#?}");
    }
}

#[test]
fn what_the_search_costs_is_little_beside_what_it_finds() {
    let mut line = Lossy::new(50.0, 120.0, 0.001, 7);
    let mut climb = HillClimb::new(4, 64);
    line.search(&mut climb, 2);
    let (changes, share) = line.search(&mut climb, 30);
    assert!(share > 0.92, "{share}: {changes:#?}");
}

#[test]
fn uploads_that_are_too_many_are_not_taken_for_the_number() {
    // No upload ends: fewer are asked for, and all the 64 carry what they did.
    let mut line = Lossy::new(1000.0, 40.0, 0.001, 1);
    let mut climb = HillClimb::new(4, 64);
    line.search(&mut climb, 3);
    assert_eq!(climb.slots(), 64);
    let mut changes = Vec::new();
    for _ in 0..1000 {
        changes.extend(climb.observe(line.sample(64)));
    }
    assert!(changes.iter().any(|one| one.slots == 32), "{changes:#?}");
    assert_eq!(changes.last().unwrap().why, ChangeReason::Unclear);
    assert_eq!(climb.slots(), 64);
}
