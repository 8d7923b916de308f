// Package profile learns what rules cost, and says what they will cost next time.
//
// A run goes through three phases:
//
//  1. Load reads the file of a repository. Whatever is wrong with it costs a
//     warning and a cold start, never the run.
//  2. Profile.Cost and Profile.Estimate predict seconds from what was loaded.
//  3. Profile.Observe and Profile.Judged collect what the run sees, apart from
//     what was loaded: the run's delta. Profile.Save adds it to the file.
//
// Three nouns:
//
//   - a Model is what is known of one rule on one class of machine: the weighted
//     moments of (bytes, files, seconds), from which the mean, the variance and
//     the cost model seconds = a + b x bytes + c x files all follow;
//   - a Store is the models of all classes: what a file holds;
//   - a delta is a Store that holds what one run, or one part of it, observed.
//
// # Merging
//
// Every number of a Model is a sum, a mean with its weight, a minimum, a maximum
// or a centred co-moment, so that two models add without loss (Chan, Golub and
// LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample
// variances"; the co-moments likewise). Adding is associative and commutative,
// and equals having seen all samples in one stream, within rounding.
//
// # Fading
//
// A model that holds more than 50 samples has all its weights halved when a run's
// delta is added to it: once for each run, however many samples that run brings,
// and not for a rule that the run did not judge. Halving all weights leaves means,
// variances and the cost model as they are: it only makes what comes next count
// more. So nothing fades where a file is only read, and it does not matter whether
// an estimate is made before or after. Two runs that load the same file and save
// one after the other fade it once, not twice: each model counts its saves, and a
// run whose model was saved by somebody else since it was loaded adds its delta
// to what that one has faded already. The result is the same in either order.
// Merging deltas with each other fades nothing.
//
// A rule with one sample a run would still take dozens of runs to be believed
// when it gets slower. So a model also keeps the sums of its latest samples, whose
// weight is cut to 2 whenever a delta is added. Where their mean is off what the
// cost model says for them by more than its own standard error, estimates follow
// it; see Cost.
//
// # Limits
//
// A file of more than 16 MiB is not read, and no more than 10,000 models are
// kept: those that were not updated for longest go first.
package profile
