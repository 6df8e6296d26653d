// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import dev.weir.simulator.engine.EngineLimits;
import dev.weir.simulator.engine.EngineProfile;
import dev.weir.simulator.engine.EngineProfiles;
import dev.weir.simulator.fault.FaultPlan;
import dev.weir.simulator.fault.SimulatedFault;
import dev.weir.simulator.flags.Flags;
import dev.weir.simulator.serving.ServerSetup.Noise;
import java.util.Optional;

/// The configuration of one simulated server. Every option has a default; [#parse] reads the flags
/// of `weir sim`.
///
/// @param host address to listen on
/// @param port 0 for any free port
/// @param model model name for clients
/// @param version determines the answers, together with the prompt and the request's seed
/// @param profile the speed of the engine
/// @param limits batch limits and time scale
/// @param maxModelLen tokens of prompt and answer together, at most the size of the KV cache
/// @param noise noise on the times of each request
/// @param loadSeconds start-up time during which `/health` returns 503; not scaled
/// @param warmUp number of requests that the server sends to itself before it listens, as engines
///   do; 0 for none
/// @param seed of noise and faults, not of the answers
/// @param faults initial faults
/// @param apiKey the key that guards `/v1`
/// @param judge whether it answers chats with a grade of their content
public record SimOptions(
    String host,
    int port,
    String model,
    String version,
    EngineProfile profile,
    EngineLimits limits,
    int maxModelLen,
    Noise noise,
    double loadSeconds,
    int warmUp,
    long seed,
    FaultPlan faults,
    Optional<String> apiKey,
    boolean judge) {
  /// Help text, one flag per line.
  public static final String HELP =
      """
      --port P                 port, 0 = any free port (default 8000)
      --host H                 address to listen on (default 127.0.0.1)
      --model NAME             served model name (default sim)
      --version V              model version; answers depend on it (default 1)
      --profile NAME|FILE      engine profile (default llama-3.1-8b-h100)
      --time-scale F           speed-up compared to real time (default 1.0)
      --seed N                 seed of latency noise and faults (default 0)
      --max-model-len N        context length (default 16384 or the size of the KV cache)
      --max-num-seqs N         maximum sequences in a batch (default 256)
      --max-num-batched-tokens N  maximum tokens in a step (default 2048)
      --max-waiting N          maximum waiting requests (default 4096)
      --latency-spread S       lognormal sigma of each request's TTFT and ITL (default 0.05)
      --load-seconds S         time until /health returns 200 (default 0)
      --warm-up N              requests to send to itself before listening (default 0)
      --cold-requests N        number of slow first requests (default 0)
      --cold-factor F          slowdown of these requests (default 3)
      --api-key KEY            require this key for /v1
      --judge                  answer chats with a grade: 2 if the user text has "Whatever.", else 9
      Faults, also set by POST /sim/faults (--poor-rate R: share of answers that begin with "Whatever.",
      which a judge grades low and a player counts as wrong):
      """
          + faultHelp();

  private static final int MODEL_LEN = 16_384;

  public SimOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("--port is " + port + ", must be from 0 to 65535");
    }
    if (maxModelLen > profile.kvTokens()) {
      throw new IllegalArgumentException(
          "--max-model-len is "
              + maxModelLen
              + ", but the KV cache of "
              + profile.name()
              + " has only "
              + profile.kvTokens()
              + " tokens");
    }
    if (!(loadSeconds >= 0)) {
      throw new IllegalArgumentException(
          "--load-seconds is " + loadSeconds + ", must be 0 or more");
    }
    if (warmUp < 0) {
      throw new IllegalArgumentException("--warm-up is " + warmUp + ", must be 0 or more");
    }
  }

  /// Reads flags.
  ///
  /// @throws IllegalArgumentException naming the flag and the problem
  public static SimOptions parse(String... args) {
    Flags flags = Flags.parse(args);
    EngineProfile profile = ProfileFile.find(flags.text("profile").orElse(EngineProfiles.DEFAULT));
    SimOptions options =
        new SimOptions(
            flags.text("host").orElse("127.0.0.1"),
            flags.whole("port", 8000),
            flags.text("model").orElse("sim"),
            flags.text("version").orElse("1"),
            profile,
            limits(flags),
            flags.whole("max-model-len", Math.min(MODEL_LEN, profile.kvTokens())),
            noise(flags),
            flags.number("load-seconds", 0),
            flags.whole("warm-up", 0),
            flags.whole("seed", 0L),
            faults(flags),
            flags.text("api-key"),
            flags.on("judge"));
    flags.finish();
    return options;
  }

  private static EngineLimits limits(Flags flags) {
    return new EngineLimits(
        flags.whole("max-num-seqs", 256),
        flags.whole("max-num-batched-tokens", 2048),
        flags.whole("max-waiting", 4096),
        flags.number("time-scale", 1));
  }

  private static Noise noise(Flags flags) {
    return new Noise(
        flags.number("latency-spread", 0.05),
        flags.whole("cold-requests", 0),
        flags.number("cold-factor", 3));
  }

  private static FaultPlan faults(Flags flags) {
    FaultPlan plan = FaultPlan.NONE;
    for (SimulatedFault fault : SimulatedFault.values()) {
      Optional<String> given = flags.text(fault.flagName());
      plan = given.isPresent() ? plan.with(fault, given.get()) : plan;
    }
    return plan;
  }

  private static String faultHelp() {
    StringBuilder out = new StringBuilder();
    for (SimulatedFault fault : SimulatedFault.values()) {
      String flag = "--" + fault.flagName() + " N";
      out.append("%-24s %s (%s)\n".formatted(flag, fault.meaning(), fault.range()));
    }
    return out.toString();
  }
}
