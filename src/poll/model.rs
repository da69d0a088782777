//! How long the service takes from the last byte to SUCCESS, learnt from this run's polls.
//!
//! Pure arithmetic: knows no clock and no asset. What a poll says is censored: not done at this
//! age, or done by this age and not by that of the poll before. So each poll is one observation,
//! "of an asset that was not done at age `since`, was it done at age `until`?", and its
//! likelihood needs nothing but the two ages.
//!
//! A grid of lognormal laws is weighed against these answers (Bayes' rule, without anything to
//! converge), and what is asked of it is answered by their weighted mean, so that doubt about the
//! law counts as doubt about the asset. The weights forget: old polls fade into a weak prior around
//! the poll interval, and a service that changes its speed is followed.
//!
//! The size of a file is left out: in simulation even a time that grows in proportion to sizes a
//! factor of ten apart costs no time at full speed and a fifth of a poll a file, while a law for
//! each size has to be learnt by each.

/// Steps of the grid in age, for each factor of e: ages are told apart by an eighth.
const STEPS_PER_E: f64 = 8.0;

/// The youngest age of the grid, in seconds.
const YOUNGEST: f64 = 0.005;

/// Ages of the grid; the last one is 5 ms * e^16, half a day.
const AGES: usize = 129;

/// The spreads weighed: standard deviations of the logarithm of the time.
const SIGMAS: [f64; 7] = [0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4];

/// The share of assets that are never done: with it, one that hangs does not stretch the law for
/// all others.
const STUCK: f64 = 0.005;

/// The prior's standard deviation of the logarithm of the median: a factor of 4.5 either way.
const PRIOR_SIGMA: f64 = 1.5;

/// How much of what is known survives a poll: the last 400 polls or so count.
const MEMORY: f64 = 1.0 - 1.0 / 400.0;

/// How far the search for the next poll goes ahead at a time.
const GROWTH: f64 = 1.1;

/// Laws lighter than this share of the heaviest are left out of the mean.
const NEGLIGIBLE: f64 = 1e-5;

/// The law of processing times, as far as the polls of a run show it.
#[derive(Debug, Clone)]
pub(super) struct LatencyModel {
    /// For each spread, the share not yet done at so many steps from the median; index `AGES` is
    /// the median itself.
    curves: Vec<Vec<f64>>,
    /// The logarithm of each law's weight, by spread and median.
    prior: Vec<f64>,
    weights: Vec<f64>,
    /// The share of assets not yet done at each age of the grid.
    left: Vec<f64>,
}

impl LatencyModel {
    /// Nothing is known but that `guess` seconds would be no surprise.
    pub(super) fn new(guess: f64) -> Self {
        let curves = SIGMAS.iter().map(|sigma| curve(*sigma)).collect();
        let middle = step(guess);
        let prior: Vec<f64> = SIGMAS
            .iter()
            .flat_map(|_| 0..AGES)
            .map(|median| {
                let off = (index_to_f64(median) - middle) / STEPS_PER_E / PRIOR_SIGMA;
                -0.5 * off * off
            })
            .collect();
        let mut model = Self {
            curves,
            weights: prior.clone(),
            prior,
            left: vec![1.0; AGES],
        };
        model.refresh();
        model
    }

    /// Of an asset that was not done at age `since` (0: it was never polled), a poll at age
    /// `until` said whether it was `done`. Ages in seconds.
    pub(super) fn observe(&mut self, since: f64, until: f64, done: bool) {
        let (since, until) = (Step::of(since), Step::of(until));
        for (spread, curve) in self.curves.iter().enumerate() {
            for median in 0..AGES {
                let cell = spread * AGES + median;
                let (before, after) = (since.on(curve, median), until.on(curve, median));
                let seen = if done {
                    ((before - after) / before).max(1e-6)
                } else {
                    after / before
                };
                let known = self.weights[cell] * MEMORY + self.prior[cell] * (1.0 - MEMORY);
                self.weights[cell] = known + seen.ln();
            }
        }
        self.refresh();
    }

    /// The share of assets not yet done at this age, in seconds.
    pub(super) fn left(&self, age: f64) -> f64 {
        Step::of(age).along(&self.left)
    }

    /// The chance that an asset that was not done at age `since` is done at age `until`.
    pub(super) fn chance(&self, since: f64, until: f64) -> f64 {
        1.0 - self.left(until) / self.left(since)
    }

    /// Whether a poll at age `until` is worth a call for an asset not done at `since`, when the poll
    /// after it can come no sooner than `pause` later.
    ///
    /// The chance must be `worth` it. And where a moment of patience makes success likelier by more
    /// than it costs (a poll too early is followed by a whole pause), patience is better.
    pub(super) fn is_worth(&self, since: f64, until: f64, worth: f64, pause: f64) -> bool {
        let chance = self.chance(since, until);
        let moment = until * 0.05;
        let gain = (self.left(until) - self.left(until + moment)) / self.left(since);
        chance >= worth && chance * moment >= gain * pause
    }

    /// The first age from `from` on at which a poll is worth a call; `None`: not in this law.
    pub(super) fn worth_at(&self, since: f64, from: f64, worth: f64, pause: f64) -> Option<f64> {
        let is_worth = |age| self.is_worth(since, age, worth, pause);
        let (mut low, mut high) = (from, from.max(YOUNGEST));
        while !is_worth(high) {
            low = high;
            high *= GROWTH;
            if step(high) > index_to_f64(AGES) {
                return None;
            }
        }
        for _ in 0..8 {
            let middle = f64::midpoint(low, high);
            if is_worth(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }

    /// Takes the mean over all laws that count.
    fn refresh(&mut self) {
        let heaviest = self.weights.iter().copied().fold(f64::MIN, f64::max);
        let mut total = 0.0;
        self.left.fill(0.0);
        for (spread, curve) in self.curves.iter().enumerate() {
            for median in 0..AGES {
                let weight = &mut self.weights[spread * AGES + median];
                *weight -= heaviest;
                let share = weight.exp();
                if share < NEGLIGIBLE {
                    continue;
                }
                total += share;
                let around = &curve[AGES - median..];
                for (left, law) in self.left.iter_mut().zip(around) {
                    *left += share * law;
                }
            }
        }
        self.left.iter_mut().for_each(|left| *left /= total);
    }
}

/// A place on the grid of ages, between two of its steps.
#[derive(Debug, Clone, Copy)]
struct Step {
    whole: usize,
    part: f64,
}

impl Step {
    fn of(age: f64) -> Self {
        let place = step(age).clamp(0.0, index_to_f64(AGES - 1) - 1e-9);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the grid"
        )]
        let whole = place as usize;
        Self {
            whole,
            part: place - index_to_f64(whole),
        }
    }

    fn along(self, table: &[f64]) -> f64 {
        let (low, high) = (table[self.whole], table[self.whole + 1]);
        low + self.part * (high - low)
    }

    /// The share that a law with this median has left here.
    fn on(self, curve: &[f64], median: usize) -> f64 {
        self.along(&curve[AGES - median..])
    }
}

/// Where an age is on the grid.
fn step(age: f64) -> f64 {
    (age.max(YOUNGEST) / YOUNGEST).ln() * STEPS_PER_E
}

/// The share left, by steps from the median.
fn curve(sigma: f64) -> Vec<f64> {
    (0..=2 * AGES)
        .map(|place| (index_to_f64(place) - index_to_f64(AGES)) / STEPS_PER_E / sigma)
        .map(|deviations| STUCK + (1.0 - STUCK) * upper_tail(deviations))
        .collect()
}

/// The share of the normal law above `z`: Abramowitz and Stegun 26.2.17, within 7.5e-8.
fn upper_tail(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - upper_tail(-z);
    }
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let series = [
        1.330_274_429,
        -1.821_255_978,
        1.781_477_937,
        -0.356_563_782,
        0.319_381_530,
    ]
    .iter()
    .fold(0.0, |sum, term| (sum + term) * t);
    series * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "indexes of a small grid")]
fn index_to_f64(index: usize) -> f64 {
    index as f64
}

#[cfg(test)]
mod tests;
