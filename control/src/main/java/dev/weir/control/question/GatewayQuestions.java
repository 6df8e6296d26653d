// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.question;

import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends queries to all gateways and collects the answers, within limits of time and size.
public final class GatewayQuestions {
  /// The maximum wait for answers.
  public static final Duration MAX_WAIT = Duration.ofSeconds(2);

  static final int MAX_OPEN = 16;

  private static final Logger LOG = LoggerFactory.getLogger(GatewayQuestions.class);

  private final Supplier<? extends Collection<String>> connected;
  private final RandomGenerator random;
  private final Semaphore free = new Semaphore(MAX_OPEN);
  private final Map<String, PendingQuestion> open = new ConcurrentHashMap<>();
  private final Set<Consumer<Question>> links = ConcurrentHashMap.newKeySet();

  /// @param connected ids of the gateways that should answer
  /// @param random thread-safe; creates ids, so that a late answer to an earlier process matches no
  ///   question
  public GatewayQuestions(
      Supplier<? extends Collection<String>> connected, RandomGenerator random) {
    this.connected = connected;
    this.random = random;
  }

  /// Queries all connected gateways and waits until all have answered, or for `patience`.
  ///
  /// @param kind and subject as [Question] allows them
  /// @param patience the maximum wait, limited to [#MAX_WAIT]
  /// @throws IllegalArgumentException if the question is invalid
  /// @throws RejectedExecutionException if too many questions are open
  public GatewayReplies ask(String kind, String subject, Duration patience)
      throws InterruptedException {
    Question question = new Question("%016x".formatted(random.nextLong()), kind, subject);
    if (!free.tryAcquire()) {
      throw new RejectedExecutionException(
          MAX_OPEN + " queries to gateways are already running; try again in a moment");
    }
    try {
      var pending = new PendingQuestion(connected.get());
      open.put(question.id(), pending);
      links.forEach(link -> send(link, question));
      return pending.await(patience.compareTo(MAX_WAIT) < 0 ? patience : MAX_WAIT);
    } finally {
      open.remove(question.id());
      free.release();
    }
  }

  /// Processes an answer; an answer to no open question is dropped.
  public void answered(GatewayAnswer answer) {
    PendingQuestion pending = open.get(answer.question());
    if (pending != null) {
      pending.answered(answer);
    }
  }

  /// Adds a link that receives all further questions.
  ///
  /// @param link must return quickly; called from several threads
  public void join(Consumer<Question> link) {
    links.add(link);
  }

  public void leave(Consumer<Question> link) {
    links.remove(link);
  }

  private static void send(Consumer<Question> link, Question question) {
    try {
      link.accept(question);
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("event", "question.undelivered")
          .addKeyValue("kind", question.kind())
          .addKeyValue("error", e.toString())
          .log("A question to a gateway cannot be delivered");
    }
  }
}
