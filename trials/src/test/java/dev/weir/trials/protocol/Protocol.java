// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All cases against one gateway.
public final class Protocol implements AutoCloseable {
  private final List<EngineCase> engineCases;
  private final NonReadingClients nonReadingClients = new NonReadingClients();
  private final HostileEngine engine;

  /// The result of one case.
  ///
  /// @param wrong empty when all was right
  public record Result(String name, Optional<String> wrong) {}

  /// @param mixesUp the engine answers now and then with another's answer
  public Protocol(boolean full, boolean mixesUp) throws IOException {
    engineCases = new ArrayList<>(new AnswerCases().all());
    engineCases.addAll(new EventCases(full).all());
    Map<String, HostileEngine.Attack> attacks =
        new LinkedHashMap<>(EngineExaminer.attacks(engineCases));
    attacks.put(NonReadingClients.ATTACK, nonReadingClients::engine);
    engine = new HostileEngine(attacks, mixesUp);
  }

  /// The URL of the misbehaving engine.
  public String engine() {
    return engine.url();
  }

  /// Against one gateway with a caller's key.
  public Attempt against(int port, String key) {
    return new Attempt(port, key);
  }

  @Override
  public void close() {
    engine.close();
  }

  /// One run.
  public final class Attempt implements AutoCloseable {
    private final CaseRunner examiner;
    private final SlowCases slow;

    private Attempt(int port, String key) {
      examiner = new CaseRunner(port, new Asking(key), engine);
      slow = new SlowCases(examiner);
    }

    public void startSlow() {
      slow.start();
    }

    public List<Result> clients(LenientProxy front) {
      List<ClientCase> cases = new ArrayList<>(new FramingCases(examiner.asking()).all());
      cases.addAll(new HeadCases(examiner.asking()).all());
      cases.addAll(new BodyCases(examiner.asking()).all());
      return cases.stream()
          .map(front::pass)
          .map(one -> new Result(one.name(), examiner.play(one)))
          .toList();
    }

    public List<Result> dialogues() {
      Dialogues dialogues = new Dialogues(examiner);
      return dialogues.all().entrySet().stream()
          .map(one -> new Result(one.getKey(), dialogues.play(one.getValue())))
          .toList();
    }

    public List<Result> engines() {
      EngineExaminer engines = new EngineExaminer(examiner);
      List<Result> results = new ArrayList<>();
      for (int i = 0; i < engineCases.size(); i++) {
        EngineCase one = engineCases.get(i);
        results.add(new Result("engine: " + one.name(), engines.play(one, i)));
      }
      return results;
    }

    public Result deafClients() throws IOException {
      return new Result("clients that read nothing", nonReadingClients.play(examiner));
    }

    public long bytesTakenOfDeaf() {
      return nonReadingClients.bytesEach();
    }

    public List<Result> slow() throws InterruptedException {
      return slow.await().entrySet().stream()
          .map(end ->
              new Result(end.getKey(), Optional.of(end.getValue()).filter(text -> !text.isEmpty())))
          .toList();
    }

    public Flooded flood(int clients) throws InterruptedException {
      Flood flood = new Flood(examiner);
      flood.play(clients);
      return new Flooded(flood.statuses(), flood.served(), flood.refused(), flood.wrong());
    }

    public Result last() throws IOException {
      return new Result("a good request after all", examiner.aftermath());
    }

    @Override
    public void close() {
      slow.close();
    }
  }

  /// @param statuses of the uploads: 0 closed, -1 no end
  /// @param served good requests beside them
  /// @param refused valid requests that were refused for lack of capacity or time
  /// @param wrong what a good request got that it should not
  public record Flooded(
      Map<Integer, Integer> statuses, int served, int refused, Optional<String> wrong) {}
}
