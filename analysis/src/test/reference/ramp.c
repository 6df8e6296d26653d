// SPDX-License-Identifier: Apache-2.0
//
// Reference of the ramp and of the learned dispersion: see README.md here and
// docs/internals/release-ramp.md. It simulates releases slice by slice (5 s) and prints either
// one row of results or golden vectors. The same arguments and seed print the same bytes.
//
//   gcc -O3 -o /tmp/ramp ramp.c -lm
//   /tmp/ramp rate=40 noise=.10 runs=400            a row
//   /tmp/ramp rate=5 noise=.25 seed=7 vectors=1     golden vectors of one release, TTFT only
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BETTORS = 10, QUANTILES = 5, LATENCIES = 2, RATES = 3, THETAS = 9, SCALES = 5, REPLICAS = 16 };
static const double SLICE = 5;
#define BATCH_SLICES ((int)arg.batch)
static const double Q[QUANTILES] = {.5, .75, .9, .95, .99};
static const double NORMAL[QUANTILES] = {0, .6744897501960817, 1.2815515655446004, 1.6448536269514722, 2.3263478740408408};
static const int SAFE_PLACE[2] = {0, 3};

// ---------------------------------------------------------------- arguments

static struct {
  double rate, noise, correlation, error, ttft, itl, seed, runs, base, canary, warm, max, vectors, onlyTtft;
  double prior, weight, caution, young, scales, learned, phi, batch, skip;
  double exposure, reaction, alpha, beta, dwell;
} arg = {
    .rate = 40, .correlation = 60, .error = .005, .ttft = 1, .itl = 1, .seed = 1, .runs = 100, .base = 4, .canary = 1, .max = 240,
    .prior = .01, .weight = 50000, .caution = 1.25, .young = 15, .scales = 5, .batch = 4, .skip = 1,
    .learned = 1, .phi = 1, .exposure = 20, .reaction = 6.5, .alpha = .01, .beta = .05, .dwell = 30};

#define NAMED(name) {#name, &arg.name}
static struct { const char *name; double *value; } NAMES[] = {
    NAMED(rate), NAMED(noise), NAMED(correlation), NAMED(error), NAMED(ttft), NAMED(itl), NAMED(seed), NAMED(runs), NAMED(base),
    NAMED(canary), NAMED(warm), NAMED(max), NAMED(vectors), NAMED(onlyTtft), NAMED(prior), NAMED(weight), NAMED(caution), NAMED(young),
    NAMED(scales), NAMED(learned), NAMED(phi), NAMED(exposure), NAMED(reaction),
    NAMED(alpha), NAMED(beta), NAMED(dwell), NAMED(batch), NAMED(skip)};

static void readArguments(int count, char **texts) {
  for (int i = 1; i < count; i++) {
    char *equals = strchr(texts[i], '=');
    int known = 0;
    for (size_t k = 0; equals && k < sizeof NAMES / sizeof NAMES[0]; k++) {
      if (strlen(NAMES[k].name) == (size_t)(equals - texts[i]) && !strncmp(NAMES[k].name, texts[i], equals - texts[i])) {
        *NAMES[k].value = atof(equals + 1);
        known = 1;
      }
    }
    if (!known) {
      fprintf(stderr, "unknown argument %s\n", texts[i]);
      exit(2);
    }
  }
}

// ---------------------------------------------------------------- chance

static unsigned long long s0, s1;

static double uniform(void) {
  unsigned long long a = s0, b = s1;
  s0 = b;
  a ^= a << 23;
  s1 = a ^ b ^ (a >> 17) ^ (b >> 26);
  return ((s1 + b) >> 11) * (1.0 / 9007199254740992.0);
}

static double normal(void) {
  double u = uniform(), v = uniform();
  return sqrt(-2 * log(u + 1e-300)) * cos(6.283185307179586 * v);
}

static int poisson(double mean) {
  if (mean <= 0) return 0;
  if (mean > 60) {
    int n = (int)(mean + sqrt(mean) * normal() + .5);
    return n < 0 ? 0 : n;
  }
  double e = exp(-mean), p = 1;
  int k = 0;
  do {
    k++;
    p *= uniform();
  } while (p > e);
  return k - 1;
}

static int binomial(int n, double p) {
  int k = 0;
  for (int i = 0; i < n && p > 0; i++) k += uniform() < p;
  return k;
}

static double above(double z) { return .5 * erfc(z * .7071067811865476); }

// ---------------------------------------------------------------- e-processes

static double FRACTION[BETTORS];

typedef struct { double logWealth[BETTORS], reserve; int slices; } Process;

static void fresh(Process *e) {
  e->reserve = .5;
  e->slices = 0;
  for (int k = 0; k < BETTORS; k++) e->logWealth[k] = log(.5 / BETTORS);
}

static void deposit(Process *e, double fraction) {
  double paid = e->reserve * fraction, share = log(paid / BETTORS);
  e->reserve -= paid;
  for (int k = 0; k < BETTORS; k++) {
    double a = e->logWealth[k];
    e->logWealth[k] = fmax(a, share) + log1p(exp(-fabs(a - share)));
  }
}

static void beginSlice(Process *e) {
  if (e->slices > 0 && e->slices % 12 == 0) deposit(e, .05);
  e->slices++;
}

static double logE(const Process *e) {
  double reserve = log(e->reserve), max = reserve, sum = 0;
  for (int k = 0; k < BETTORS; k++) max = fmax(max, e->logWealth[k]);
  for (int k = 0; k < BETTORS; k++) sum += exp(e->logWealth[k] - max);
  return max + log(sum + exp(reserve - max));
}

typedef struct { double rho, centre, delta; int safe; } Payoff;

static double lossBound(Payoff p) {
  double m = p.centre, rho = p.rho;
  return p.safe ? fmax((1 - m) / rho, m / (1 - rho)) - p.delta : p.delta + fmax(m / rho, (1 - m) / (1 - rho));
}

typedef struct { int canaryBad, canary, baselineBad, baseline; } Counts;

static void bet(Process *e, Payoff p, Counts c, double phi) {
  double bound = lossBound(p);
  if (bound <= 0) return;
  double sign = p.safe ? -1 : 1, m = p.centre;
  double canaryBad = sign * ((1 - m) / p.rho - p.delta), canaryGood = sign * (-m / p.rho - p.delta);
  double baselineBad = sign * (-(1 - m) / (1 - p.rho) - p.delta), baselineGood = sign * (m / (1 - p.rho) - p.delta);
  for (int k = 0; k < BETTORS; k++) {
    double stake = FRACTION[k] / bound;
    e->logWealth[k] += (c.canaryBad * log1p(stake * canaryBad) + (c.canary - c.canaryBad) * log1p(stake * canaryGood) +
                        c.baselineBad * log1p(stake * baselineBad) + (c.baseline - c.baselineBad) * log1p(stake * baselineGood)) /
                       phi;
  }
}

static double logMean(const double *logs, int count) {
  double max = logs[0], sum = 0;
  for (int i = 1; i < count; i++) max = fmax(max, logs[i]);
  for (int i = 0; i < count; i++) sum += exp(logs[i] - max);
  return max + log(sum / count);
}

typedef struct { double bad, all, prior; } Centre;

static double centre(const Centre *c) { return (20 * c->prior + c->bad) / (20 + c->all); }

static void learnCentre(Centre *c, double bad, double all) {
  c->bad = .97 * c->bad + bad;
  c->all = .97 * c->all + all;
}

// ---------------------------------------------------------------- the learned dispersion

// Answers of one replica in one batch and how many exceeded the threshold of each quantile.
typedef struct { double answers, exceeding[QUANTILES]; } Replica;
typedef struct { Replica canary[REPLICAS], baseline[REPLICAS]; } Batch;

// Sums over blocks of one length, for one quantile.
typedef struct {
  double excess, weight, freedom;                                   // between the replicas of one version
  double w, wv, wvx, wvxx, v, vx, wn, wnv, blocks;                  // of canary minus baseline, over time
} Sums;

typedef struct {
  Sums sums[SCALES][QUANTILES];
  Batch pending[SCALES]; // batches of a block that is not full
  int inBlock[SCALES];
  Batch open; // the batch that is being filled
  int openSlices;
  double answersPerBatch, canaryReplicas, baselineReplicas;
} Learned;

static const double REFERENCE = .01; // relative weight of blocks of different sizes

static double blockWeight(double answers) { return answers / (1 + REFERENCE * answers); }

static double total(const Replica *r) {
  double n = 0;
  for (int i = 0; i < REPLICAS; i++) n += r[i].answers;
  return n;
}

static double exceeding(const Replica *r, int q) {
  double c = 0;
  for (int i = 0; i < REPLICAS; i++) c += r[i].exceeding[q];
  return c;
}

static double squares(const Replica *r) {
  double n = 0;
  for (int i = 0; i < REPLICAS; i++) n += r[i].answers * r[i].answers;
  return n;
}

static double effective(const Replica *r) {
  double n = total(r), s = squares(r);
  return s > 0 ? n * n / s : 1;
}

static int used(const Replica *r) {
  int n = 0;
  for (int i = 0; i < REPLICAS; i++) n += r[i].answers > 0;
  return n;
}

static void between(Sums *s, const Replica *r, int q) {
  double n = total(r);
  int replicas = used(r);
  if (replicas < 2 || n < 10) return;
  double p = (exceeding(r, q) + .5) / (n + 1), spread = 0;
  double pooled = exceeding(r, q) / n;
  for (int i = 0; i < REPLICAS; i++)
    if (r[i].answers > 0) {
      double share = r[i].exceeding[q] / r[i].answers - pooled;
      spread += r[i].answers * share * share;
    }
  double w = blockWeight(n / replicas);
  s->excess += w * (spread / (p * (1 - p)) - (replicas - 1));
  s->weight += w * (n - squares(r) / n);
  s->freedom += replicas - 1;
}

static void overTime(Sums *s, const Batch *b, int q) {
  double n = total(b->canary), nb = total(b->baseline);
  if (n < 5 || nb < 5) return;
  double p = (exceeding(b->canary, q) + exceeding(b->baseline, q) + .5) / (n + nb + 1);
  double size = n * nb / (n + nb), v = n * p * (1 - p) * (1 + n / nb);
  double x = (exceeding(b->canary, q) - n * exceeding(b->baseline, q) / nb) / v;
  double units = size * (1 / effective(b->canary) + 1 / effective(b->baseline)), w = blockWeight(units);
  s->w += w;
  s->wv += w * v;
  s->wvx += w * v * x;
  s->wvxx += w * v * x * x;
  s->v += v;
  s->vx += v * x;
  s->wn += w * units;
  s->wnv += w * units * v;
  s->blocks++;
}

static void addBatch(Batch *to, const Batch *b) {
  for (int i = 0; i < REPLICAS; i++) {
    to->canary[i].answers += b->canary[i].answers;
    to->baseline[i].answers += b->baseline[i].answers;
    for (int q = 0; q < QUANTILES; q++) {
      to->canary[i].exceeding[q] += b->canary[i].exceeding[q];
      to->baseline[i].exceeding[q] += b->baseline[i].exceeding[q];
    }
  }
}

static void observe(Learned *l, const Batch *b) {
  double n = total(b->canary) + total(b->baseline);
  if (n > 0) l->answersPerBatch = n;
  if (total(b->canary) > 0) l->canaryReplicas = effective(b->canary);
  if (total(b->baseline) > 0) l->baselineReplicas = effective(b->baseline);
  for (int k = 0; k < (int)arg.scales; k++) {
    addBatch(&l->pending[k], b);
    if (++l->inBlock[k] < 1 << k) continue;
    for (int q = 0; q < QUANTILES; q++) {
      between(&l->sums[k][q], l->pending[k].canary, q);
      between(&l->sums[k][q], l->pending[k].baseline, q);
      overTime(&l->sums[k][q], &l->pending[k], q);
    }
    memset(&l->pending[k], 0, sizeof(Batch));
    l->inBlock[k] = 0;
  }
}

static double freedom(const Sums *s) { return s->freedom + fmax(0, s->blocks - 1); }

// The variance between replicas in blocks of one length: the share of p(1-p) that belongs to the replica.
static double kappa(const Sums *s, double prior) {
  double excess = s->excess, weight = s->weight;
  if (s->blocks > 1) {
    double mean = s->vx / s->v;
    excess += s->wvxx - 2 * mean * s->wvx + mean * mean * s->wv - (s->w - s->wv / s->v);
    weight += s->wn - s->wnv / s->v;
  }
  return fmax(0, (excess + arg.weight * prior) / (weight + arg.weight));
}

// The largest kappa over block lengths, per batch.
static double inflation(const Learned *l, int q) {
  double largest = 0, before = arg.prior;
  for (int k = 0; k < (int)arg.scales; k++) {
    int length = 1 << k;
    before = length * kappa(&l->sums[k][q], before / length);
    largest = fmax(largest, before);
  }
  return largest;
}

static double replicaTerm(const Learned *l) { return 1 / l->canaryReplicas + 1 / l->baselineReplicas; }

static double phi(const Learned *l, int q, double rho) {
  if (!arg.learned) return arg.phi;
  double size = l->answersPerBatch * rho * (1 - rho);
  double young = 1 + arg.young / (1 + freedom(&l->sums[0][q]));
  double phi = 1 + arg.caution * young * inflation(l, q) * size * replicaTerm(l);
  return phi < 1.2 ? 1 : phi;
}

// ---------------------------------------------------------------- one release

static const double PRIOR[RATES] = {.005, .003, .02}, TOLERANCE[RATES] = {.005, .005, .01}, MARGIN[RATES] = {.01, .01, .02};
static const double RATE_WEIGHT[RATES] = {.20, .10, .05}, LATENCY_WEIGHT[LATENCIES] = {.20, .10};
static const double SPREAD[LATENCIES] = {.6, .25}, NOISE_SHARE[LATENCIES] = {1, .4};
static const double LATENCY_TOLERANCE = 1.10, LATENCY_MARGIN = 1.25;
static const double THETA[THETAS] = {.9, .5, .3, .2, .1, .05, .03, .02, .01};
static const double WEIGHTS[] = {.01, .02, .05, .10, .20, .35, .50};
static const int TOP = 6;

typedef struct {
  Process harm[QUANTILES], safe[2], twice[2], half[2];
  Centre centre[QUANTILES];
  Learned learned;
} Latency;

typedef struct { int canary, baseline, harm[QUANTILES], base[QUANTILES], safe[2], twice[2], half[2]; } Exceedances;

typedef struct {
  Process harm[RATES], safe[RATES], theta[THETAS];
  Centre rate[RATES], failures;
  int refuted[THETAS], twice, half;
  Latency latency[LATENCIES];
  double noise[2][REPLICAS];
  int step, entered;
  double time, since, suspected, lowered, bad;
} Release;

typedef enum { CONTINUE, CLIMB, DOWN, PROMOTE, REVERT, INCONCLUSIVE } Verdict;
static const char *VERDICT[] = {"continue", "climb", "down", "promote", "revert", "inconclusive"};

static void begin(Release *r) {
  memset(r, 0, sizeof *r);
  for (int i = 0; i < RATES; i++) {
    fresh(&r->harm[i]);
    fresh(&r->safe[i]);
    r->rate[i].prior = PRIOR[i];
  }
  for (int i = 0; i < THETAS; i++) fresh(&r->theta[i]);
  r->failures.prior = .03;
  for (int i = 0; i < LATENCIES; i++) {
    Latency *l = &r->latency[i];
    for (int q = 0; q < QUANTILES; q++) {
      fresh(&l->harm[q]);
      l->centre[q].prior = 1 - Q[q];
    }
    for (int j = 0; j < 2; j++) {
      fresh(&l->safe[j]);
      fresh(&l->twice[j]);
      fresh(&l->half[j]);
    }
    l->learned.canaryReplicas = arg.canary;
    l->learned.baselineReplicas = arg.base;
  }
  r->suspected = r->lowered = -1;
  for (int a = 0; a < 2; a++)
    for (int i = 0; i < REPLICAS; i++) r->noise[a][i] = arg.noise * normal();
  while (r->step < TOP && arg.rate * WEIGHTS[r->step] < .1) r->step++;
}

static void moveNoise(Release *r) {
  double a = exp(-SLICE / arg.correlation), b = arg.noise * sqrt(1 - a * a);
  for (int arm = 0; arm < 2; arm++)
    for (int i = 0; i < (arm ? arg.base : arg.canary); i++) r->noise[arm][i] = a * r->noise[arm][i] + b * normal();
}

// Draws the latencies of one metric. Thresholds are the quantiles of a noiseless baseline.
static Exceedances draw(Release *r, int metric, int canary, int baseline) {
  Exceedances e;
  memset(&e, 0, sizeof e);
  e.canary = canary;
  e.baseline = baseline;
  Batch *open = &r->latency[metric].learned.open;
  double sd = SPREAD[metric], factor = log(metric ? arg.itl : arg.ttft);
  int replicas[2] = {(int)arg.canary, (int)arg.base}, left[2] = {canary, baseline};
  for (int arm = 0; arm < 2; arm++)
    for (int i = 0; i < replicas[arm]; i++) {
      int n = i == replicas[arm] - 1 ? left[arm] : binomial(left[arm], 1.0 / (replicas[arm] - i));
      left[arm] -= n;
      double mean = NOISE_SHARE[metric] * r->noise[arm][i] + (arm ? 0 : factor);
      double harm[QUANTILES], safe[2], twice[2], half[2];
      for (int q = 0; q < QUANTILES; q++) harm[q] = above(NORMAL[q] - (mean - (arm ? 0 : log(LATENCY_TOLERANCE))) / sd);
      for (int j = 0; j < 2 && !arm; j++) {
        double z = NORMAL[SAFE_PLACE[j]];
        safe[j] = above(z - (mean - log(LATENCY_MARGIN)) / sd);
        twice[j] = above(z - (mean - log(2)) / sd);
        half[j] = above(z - (mean - log(1.5)) / sd);
      }
      Replica *into = arm ? &open->baseline[i] : &open->canary[i];
      into->answers += n;
      for (int a = 0; a < n; a++) {
        double u = uniform();
        for (int q = 0; q < QUANTILES; q++) {
          int hit = u < harm[q];
          into->exceeding[q] += hit;
          *(arm ? &e.base[q] : &e.harm[q]) += hit;
        }
        for (int j = 0; j < 2 && !arm; j++) {
          e.safe[j] += u < safe[j];
          e.twice[j] += u < twice[j];
          e.half[j] += u < half[j];
        }
      }
    }
  return e;
}

static void betOnLatency(Latency *l, const Exceedances *e, double rho, double *phis) {
  for (int q = 0; q < QUANTILES; q++) {
    double m = centre(&l->centre[q]), divisor = phis[q] = phi(&l->learned, q, rho);
    int known = l->learned.answersPerBatch > 0 || !arg.learned; // not before the first slice
    beginSlice(&l->harm[q]);
    Counts harm = {e->harm[q], e->canary, e->base[q], e->baseline};
    if (known) bet(&l->harm[q], (Payoff){rho, m, 0, 0}, harm, divisor);
    for (int j = 0; j < 2; j++)
      if (SAFE_PLACE[j] == q) {
        Process *processes[3] = {&l->safe[j], &l->twice[j], &l->half[j]};
        int counts[3] = {e->safe[j], e->twice[j], e->half[j]};
        for (int k = 0; k < 3; k++) {
          beginSlice(processes[k]);
          if (known) bet(processes[k], (Payoff){rho, m, 0, 1}, (Counts){counts[k], e->canary, e->base[q], e->baseline}, divisor);
        }
      }
    learnCentre(&l->centre[q], e->base[q], e->baseline);
  }
}

static void endSlice(Learned *l) {
  if (++l->openSlices % BATCH_SLICES == 0) {
    observe(l, &l->open);
    memset(&l->open, 0, sizeof l->open);
  } else if (l->openSlices < BATCH_SLICES) {
    l->answersPerBatch = (total(l->open.canary) + total(l->open.baseline)) * BATCH_SLICES / l->openSlices;
  }
}

static double latencyHarm(const Latency *l) {
  double logs[QUANTILES];
  for (int q = 0; q < QUANTILES; q++) logs[q] = logE(&l->harm[q]);
  return logMean(logs, QUANTILES);
}

static double failureBound(const Release *r) {
  double bound = 1;
  for (int i = 0; i < THETAS; i++) bound = r->refuted[i] ? THETA[i] : bound;
  return bound;
}

static int latencies(void) { return arg.onlyTtft ? 1 : LATENCIES; }

// How close the worst metric is to its threshold, and whether all are proven safe.
static double worst(const Release *r) {
  double worst = 0;
  for (int i = 0; i < RATES; i++) worst = fmax(worst, logE(&r->harm[i]) / -log(arg.alpha * RATE_WEIGHT[i]));
  for (int i = 0; i < latencies(); i++) worst = fmax(worst, latencyHarm(&r->latency[i]) / -log(arg.alpha * LATENCY_WEIGHT[i]));
  return worst;
}

static int safe(const Release *r) {
  int safe = 1;
  for (int i = 0; i < RATES; i++) safe &= logE(&r->safe[i]) >= -log(arg.beta);
  for (int i = 0; i < latencies(); i++)
    for (int j = 0; j < 2; j++) safe &= logE(&r->latency[i].safe[j]) >= -log(arg.beta);
  return safe;
}

static void moveTo(Release *r, int step) {
  int raised = step > r->step;
  if (!raised) r->lowered = r->time;
  r->step = step;
  r->since = r->time;
  r->entered = 0;
  r->suspected = -1;
  for (int i = 0; raised && i < RATES; i++) deposit(&r->harm[i], .1);
  for (int i = 0; raised && i < LATENCIES; i++)
    for (int q = 0; q < QUANTILES; q++) deposit(&r->latency[i].harm[q], .1);
}

static double possibleBadAnswers(const Release *r, int step) { return arg.rate * WEIGHTS[step] * arg.reaction * failureBound(r); }

// Whether a larger weight is allowed by exposure and by what is known of slow first tokens.
static int allowed(const Release *r, int step) {
  double weight = WEIGHTS[step];
  return possibleBadAnswers(r, step) <= arg.exposure && (weight <= .10 || r->twice) && (weight <= .20 || r->half);
}

static Verdict decide(Release *r) {
  double closest = worst(r), dwelt = r->time - r->since;
  if (closest >= 1) return REVERT;
  if (closest < .5) r->suspected = -1;
  else if (r->suspected < 0) r->suspected = r->time;
  for (int j = 0, twice = 1, half = 1; j < 2; j++) {
    twice &= logE(&r->latency[0].twice[j]) >= log(20);
    half &= logE(&r->latency[0].half[j]) >= log(20);
    if (j == 1) r->twice |= twice, r->half |= half;
  }
  if (r->time >= 60 * arg.max) return INCONCLUSIVE;
  if (r->step == TOP) {
    if (dwelt >= 120 && r->entered >= 50 && safe(r)) return PROMOTE;
  }
  int exposed = possibleBadAnswers(r, r->step) > arg.exposure;
  if (r->suspected >= 0 && r->time - r->suspected >= 30 && exposed && r->step > 0 && (r->lowered < 0 || r->time - r->lowered >= 60)) {
    moveTo(r, r->step - 1);
    return DOWN;
  }
  if (r->step == TOP || dwelt < arg.dwell || r->entered < 5 || closest >= .5 || !allowed(r, r->step + 1)) return CONTINUE;
  int to = r->step + 1;
  while (arg.skip && to < TOP && allowed(r, to + 1)) to++;
  moveTo(r, to);
  return CLIMB;
}

static void printCounts(const char *name, const Replica *now, const Replica *before, int replicas) {
  printf(",\"%s\":[", name);
  for (int i = 0; i < replicas; i++) {
    printf("%s[%.0f", i ? "," : "", now[i].answers - before[i].answers);
    for (int q = 0; q < QUANTILES; q++) printf(",%.0f", now[i].exceeding[q] - before[i].exceeding[q]);
    printf("]");
  }
  printf("]");
}

static void printDoubles(const char *name, const double *values, int count) {
  printf(",\"%s\":[", name);
  for (int i = 0; i < count; i++) printf("%s%.17g", i ? "," : "", values[i]);
  printf("]");
}

static Verdict slice(Release *r) {
  double rho = WEIGHTS[r->step];
  int canary = poisson(arg.rate * SLICE * rho), baseline = poisson(arg.rate * SLICE * (1 - rho));
  Counts counts[RATES], failed;
  int errorsC = binomial(canary, arg.error), errorsB = binomial(baseline, PRIOR[0]);
  counts[0] = (Counts){errorsC, canary, errorsB, baseline};
  failed = counts[0];
  for (int i = 1; i < RATES; i++) {
    counts[i] = (Counts){binomial(canary - errorsC, PRIOR[i]), canary - errorsC, binomial(baseline - errorsB, PRIOR[i]), baseline - errorsB};
    failed.canaryBad += counts[i].canaryBad;
    failed.baselineBad += counts[i].baselineBad;
  }
  r->bad += arg.ttft > 1 || arg.itl > 1 ? canary : errorsC;
  for (int i = 0; i < RATES; i++) {
    double m = centre(&r->rate[i]);
    beginSlice(&r->harm[i]);
    beginSlice(&r->safe[i]);
    bet(&r->harm[i], (Payoff){rho, m, TOLERANCE[i], 0}, counts[i], 1);
    bet(&r->safe[i], (Payoff){rho, m, MARGIN[i], 1}, counts[i], 1);
    learnCentre(&r->rate[i], counts[i].baselineBad, counts[i].baseline);
  }
  double m = centre(&r->failures);
  for (int i = 0; i < THETAS; i++) {
    beginSlice(&r->theta[i]);
    bet(&r->theta[i], (Payoff){rho, m, THETA[i], 1}, failed, 1);
    r->refuted[i] |= logE(&r->theta[i]) >= log(20);
  }
  learnCentre(&r->failures, failed.baselineBad, failed.baseline);
  moveNoise(r);
  double phis[QUANTILES];
  for (int i = 0; i < latencies(); i++) {
    Latency *l = &r->latency[i];
    Batch before = l->learned.open;
    Exceedances e = draw(r, i, canary - errorsC, baseline - errorsB);
    betOnLatency(l, &e, rho, phis);
    if (arg.vectors) {
      printf("{\"rho\":%.17g,\"failed\":[%d,%d,%d,%d]", rho, failed.canaryBad, failed.canary, failed.baselineBad, failed.baseline);
      printf(",\"error\":[%d,%d,%d,%d]", errorsC, canary, errorsB, baseline);
      printCounts("canary", l->learned.open.canary, before.canary, (int)arg.canary);
      printCounts("baseline", l->learned.open.baseline, before.baseline, (int)arg.base);
      printf(",\"beyondMargin\":[%d,%d]", e.safe[0], e.safe[1]);
      printDoubles("phi", phis, QUANTILES);
    }
    endSlice(&l->learned);
  }
  r->time += SLICE;
  r->entered += canary;
  Verdict verdict = decide(r);
  if (arg.vectors) {
    Latency *l = &r->latency[0];
    double kappas[QUANTILES];
    for (int q = 0; q < QUANTILES; q++) kappas[q] = inflation(&l->learned, q);
    printDoubles("kappa", kappas, QUANTILES);
    printf(",\"ttftHarm\":%.17g,\"ttftSafe\":[%.17g,%.17g],\"errorHarm\":%.17g,\"errorSafe\":%.17g,\"failureBound\":%g,\"verdict\":\"%s\"}",
           latencyHarm(l), logE(&l->safe[0]), logE(&l->safe[1]), logE(&r->harm[0]), logE(&r->safe[0]), failureBound(r), VERDICT[verdict]);
  }
  return verdict;
}

// The baseline's history before the release teaches the noise and nothing else.
static void warmUp(Release *r) {
  int step = r->step;
  for (int s = 0; s < arg.warm * 12; s++) {
    moveNoise(r);
    int n = poisson(arg.rate * SLICE);
    for (int i = 0; i < latencies(); i++) {
      draw(r, i, 0, n);
      endSlice(&r->latency[i].learned);
    }
  }
  r->step = step;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double at(double *values, int count, double share) {
  if (!count) return -1;
  qsort(values, count, sizeof(double), ascending);
  return values[(int)(count * share) < count ? (int)(count * share) : count - 1];
}

int main(int count, char **texts) {
  readArguments(count, texts);
  if (arg.vectors) arg.runs = 1, arg.onlyTtft = 1;
  for (int k = 0; k < BETTORS; k++) FRACTION[k] = .9 * pow(.5, k);
  static Release r;
  static double promoted[100000], reverted[100000], bad[100000];
  int ends[6] = {0}, downs = 0;
  for (int run = 0; run < (int)arg.runs; run++) {
    s0 = (unsigned long long)arg.seed * 1000003ULL + run * 7919ULL + 1;
    s1 = 0x9E3779B97F4A7C15ULL ^ (run * 104729ULL + (unsigned long long)arg.seed);
    for (int i = 0; i < 20; i++) uniform();
    begin(&r);
    warmUp(&r);
    Verdict verdict;
    if (arg.vectors) printf("{\"slices\":[\n");
    do {
      verdict = slice(&r);
      downs += verdict == DOWN;
      if (arg.vectors) printf("%s\n", verdict > DOWN ? "]}" : ",");
    } while (verdict <= DOWN);
    if (verdict == PROMOTE) promoted[ends[PROMOTE]] = r.time / 60;
    if (verdict == REVERT) reverted[ends[REVERT]] = r.time;
    bad[run] = r.bad;
    ends[verdict]++;
  }
  if (arg.vectors) return 0;
  printf("rate %5.1f noise %.2f/%3.0f s replicas %.0f:%.0f error %.3f ttft %.2f itl %.2f | promoted %5.1f%% reverted %5.1f%% open %5.1f%% down %.2f | min %5.1f p95 %5.1f | revert s %4.0f | bad %3.0f p95 %3.0f\n",
         arg.rate, arg.noise, arg.correlation, arg.canary, arg.base, arg.error, arg.ttft, arg.itl, 100. * ends[PROMOTE] / arg.runs,
         100. * ends[REVERT] / arg.runs, 100. * ends[INCONCLUSIVE] / arg.runs, downs / arg.runs, at(promoted, ends[PROMOTE], .5),
         at(promoted, ends[PROMOTE], .95), at(reverted, ends[REVERT], .5), at(bad, (int)arg.runs, .5), at(bad, (int)arg.runs, .95));
  return 0;
}
