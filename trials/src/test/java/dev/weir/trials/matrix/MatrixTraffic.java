// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.analysis.metric.AnswerTrait;
import dev.weir.analysis.metric.Observation;
import dev.weir.gateway.exchange.answer.AnswerWatch;
import dev.weir.simulator.answer.Wrapping;
import dev.weir.snapshot.AnswerContent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Streams that are asked of one model at random moments, whatever becomes of them; every second
/// one asks for JSON.
public final class MatrixTraffic implements AutoCloseable {
  private static final int MAX_OPEN = 500;
  private static final int BEGINNING = 100;
  private static final int POOR = 200;
  private static final int GOOD = 900;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient http;
  private final URI url;
  private final String key;
  private final String model;
  private final String canary;
  private final double perSecond;
  private final SplittableRandom random;
  private final long originNanos;
  private final Instant origin;
  private final Semaphore places = new Semaphore(MAX_OPEN);
  private final ConcurrentLinkedQueue<ObservedRequest> seen = new ConcurrentLinkedQueue<>();
  private final Thread asking;
  private volatile boolean over;

  /// Where requests go.
  ///
  /// @param key that may call models
  public record Gateway(HttpClient http, URI url, String key) {}

  /// Begins at once.
  ///
  /// @param model that is asked for
  /// @param canary the version whose answers are a canary's
  /// @param originNanos when the recording began, of the monotonic clock
  public MatrixTraffic(
      Gateway gateway, String model, String canary, double perSecond, long seed, long originNanos) {
    this.http = gateway.http();
    this.url = gateway.url().resolve("/v1/chat/completions");
    this.key = gateway.key();
    this.model = model;
    this.canary = canary;
    this.perSecond = perSecond;
    this.random = new SplittableRandom(seed);
    this.originNanos = originNanos;
    this.origin = Instant.now().minusNanos(System.nanoTime() - originNanos);
    this.asking = Thread.ofVirtual().name("traffic " + model).start(this::ask);
  }

  /// The requests so far, in the order of sending.
  public List<ObservedRequest> seen() {
    return seen.stream()
        .sorted(java.util.Comparator.comparingLong(ObservedRequest::atMicros))
        .toList();
  }

  /// The wall clock at a moment of the recording.
  public Instant at(long micros) {
    return origin.plusNanos(1000 * micros);
  }

  private void ask() {
    long dueNanos = System.nanoTime();
    for (long number = random.nextLong(1L << 40); !over; number++) {
      dueNanos += (long) (-1e9 / perSecond * Math.log(1 - random.nextDouble()));
      while (!over && System.nanoTime() - dueNanos < 0) {
        LockSupport.parkNanos(dueNanos - System.nanoTime());
      }
      if (places.tryAcquire()) {
        long own = number;
        Thread.ofVirtual().start(() -> one(own));
      }
    }
  }

  private void one(long number) {
    long sent = System.nanoTime();
    Answer answer = new Answer(number % 2 == 0);
    try {
      HttpResponse<Stream<String>> response =
          http.send(request(number), HttpResponse.BodyHandlers.ofLines());
      answer.version = response.headers().firstValue("x-weir-version").orElse("");
      try (Stream<String> lines = response.body()) {
        lines.forEach(line -> answer.line(line, System.nanoTime() - sent));
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      answer.broken = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      places.release();
      seen.add(answer.seen((sent - originNanos) / 1000, System.nanoTime() - sent));
    }
  }

  private HttpRequest request(long number) {
    Map<String, Object> body =
        Map.of(
            "model",
            model,
            "stream",
            true,
            "max_tokens",
            1000,
            "response_format",
            Map.of("type", number % 2 == 0 ? "json_object" : "text"),
            "messages",
            List.of(Map.of("role", "user", "content", "What do you know of number " + number)));
    return HttpRequest.newBuilder(url)
        .timeout(Duration.ofSeconds(60))
        .header("authorization", "Bearer " + key)
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
        .build();
  }

  /// No more requests; what was asked is waited for, half a minute at most.
  public void stop() throws InterruptedException {
    over = true;
    asking.join();
    if (places.tryAcquire(MAX_OPEN, 30, TimeUnit.SECONDS)) {
      places.release(MAX_OPEN);
    }
  }

  @Override
  public void close() {
    over = true;
    LockSupport.unpark(asking);
  }

  /// An answer while it is read.
  private final class Answer {
    private final AnswerWatch watch;
    private final List<Long> tokens = new ArrayList<>();
    private final StringBuilder beginning = new StringBuilder();
    private String version = "";
    private boolean finished;
    private boolean broken;

    Answer(boolean jsonAsked) {
      watch = new AnswerWatch(jsonAsked);
    }

    void line(String line, long afterNanos) {
      if (line.startsWith("data: [DONE]")) {
        finished = true;
      } else if (line.startsWith("data: ")) {
        JsonNode event = JSON.readTree(line.substring("data: ".length()));
        broken |= event.has("error");
        watch.understood();
        String text = event.at("/choices/0/delta/content").asString("");
        if (!text.isEmpty()) {
          tokens.add(afterNanos);
          watch.text(text);
          beginning.append(beginning.length() < BEGINNING ? text : "");
        }
      }
    }

    ObservedRequest seen(long atMicros, long endedNanos) {
      boolean begun = !tokens.isEmpty();
      boolean whole = finished && !broken;
      long itl =
          tokens.size() < 2
              ? -1
              : (tokens.getLast() - tokens.getFirst()) / (tokens.size() - 1) / 1000;
      return new ObservedRequest(
          atMicros,
          version.equals(canary),
          !whole && !begun,
          !whole && begun,
          begun ? tokens.getFirst() / 1000 : -1,
          itl,
          endedNanos / 1000,
          tokens.size(),
          whole || begun ? traits(whole) : Set.of(),
          whole ? grade() : Observation.NOT_GRADED);
    }

    /// As the simulated judge would say: it looks for one word.
    private int grade() {
      return beginning.indexOf(Wrapping.POOR_WORDS) >= 0 ? POOR : GOOD;
    }

    private Set<AnswerTrait> traits(boolean whole) {
      Set<AnswerTrait> traits = EnumSet.noneOf(AnswerTrait.class);
      watch.traits().forEach(trait -> traits.add(AnswerTrait.valueOf(trait.name())));
      if (whole && watch.answerContent() == AnswerContent.NONE) {
        traits.add(AnswerTrait.EMPTY);
      }
      return traits;
    }
  }
}
