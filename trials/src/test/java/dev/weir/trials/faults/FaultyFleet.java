// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Engines of the trial's own, each with a [FaultProxy] before it, and what can be done to them.
/// Victims are drawn from a seed.
public final class FaultyFleet implements AutoCloseable {
  /// A small fast model: a token every 10 ms.
  private static final String PROFILE =
      """
      {"name": "trial", "decodeBaseMillis": 8, "decodeMillisPerSeq": 0.01,
       "decodeMillisPer1kKvTokens": 0, "prefillBaseMillis": 2, "prefillMillisPer1kTokens": 5,
       "prefillMillisPer1kTokensSquared": 0, "kvBlocks": 20000}
      """;

  private static final String MODEL = "fleet";

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Engine> engines = new ArrayList<>();
  private final List<FaultProxy> proxies = new ArrayList<>();
  private final SplittableRandom random;
  private final Path profile;

  public FaultyFleet(Path launcher, Path folder, EventLoop loop, int size, long seed)
      throws IOException, InterruptedException {
    this.random = new SplittableRandom(seed);
    this.profile = Files.writeString(folder.resolve("profile.json"), PROFILE);
    for (int i = 0; i < size; i++) {
      Path errors = folder.resolve("engines.err");
      Engine engine = new Engine(launcher, errors, "127.0.7." + (i + 1), MODEL, profile);
      engines.add(engine);
      proxies.add(new FaultProxy(loop, engine.address(), seed + i));
    }
  }

  public Path profile() {
    return profile;
  }

  public List<String> directUrls() {
    return engines.stream().map(Engine::url).toList();
  }

  public List<String> proxiedUrls() {
    return proxies.stream().map(FaultProxy::url).toList();
  }

  public int size() {
    return engines.size();
  }

  private Engine victim() {
    return engines.get(random.nextInt(engines.size()));
  }

  /// Kills so many in one moment.
  void kill(int count) throws IOException, InterruptedException {
    int first = random.nextInt(engines.size());
    List<Engine> victims = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      victims.add(engines.get((first + i) % engines.size()));
    }
    Engine.kill(victims);
  }

  void stopOne() throws IOException, InterruptedException {
    victim().stop();
  }

  /// @param json of the simulator's faults
  void misbehave(String json) throws IOException, InterruptedException {
    victim().faults(http, json);
  }

  void spoilOne(FaultProxy.Mode mode) {
    proxies.get(random.nextInt(proxies.size())).set(mode);
  }

  /// An engine of Weir's own, or of anybody.
  void kill(List<Long> pids) {
    long pid = pids.get(random.nextInt(pids.size()));
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  /// Everything is well again.
  public void repair() throws IOException, InterruptedException {
    proxies.forEach(proxy -> proxy.set(FaultProxy.Mode.WELL));
    for (Engine engine : engines) {
      engine.repair(http);
    }
  }

  /// The deliberate bug: some answers are wrong, which the trial must detect.
  public void lieAboutAnswers() throws IOException, InterruptedException {
    engines.getFirst().faults(http, "{\"wrongAnswerRate\": 0.05}");
  }

  @Override
  public void close() {
    engines.forEach(Engine::close);
    proxies.forEach(FaultProxy::close);
    http.close();
  }
}
