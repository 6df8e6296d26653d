// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.link;

import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers questions of the control plane, each on its own thread, at most [#MAX_CONCURRENT]
/// concurrently; further questions are dropped. Never delays a request or a snapshot.
public final class QuestionResponders implements Consumer<Question>, AutoCloseable {
  static final int MAX_CONCURRENT = 8;

  private static final Logger LOG = LoggerFactory.getLogger(QuestionResponders.class);

  private final ControlLink link;
  private final String gateway;
  private final String boot;
  private final Map<String, Function<String, String>> byKind;
  private final Semaphore free = new Semaphore(MAX_CONCURRENT);
  private final Set<Thread> answering = ConcurrentHashMap.newKeySet();

  /// @param byKind maps a kind of question to a function from its subject to the answer as JSON
  public QuestionResponders(
      ControlLink link, String gateway, String boot, Map<String, Function<String, String>> byKind) {
    this.link = link;
    this.gateway = gateway;
    this.boot = boot;
    this.byKind = Map.copyOf(byKind);
  }

  @Override
  public void accept(Question question) {
    if (!free.tryAcquire()) {
      LOG.atWarn()
          .addKeyValue("event", "question.dropped")
          .addKeyValue("kind", question.kind())
          .log("A question of the control plane is dropped, because too many are open");
      return;
    }
    Thread thread = Thread.ofVirtual().name("answer").unstarted(() -> answer(question));
    answering.add(thread);
    thread.start();
  }

  private void answer(Question question) {
    try {
      link.answer(new GatewayAnswer(gateway, boot, question.id(), json(question)));
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "answer.lost")
          .addKeyValue("kind", question.kind())
          .addKeyValue("error", e.getMessage())
          .log("An answer cannot be sent to the control plane");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "answer.failed")
          .addKeyValue("kind", question.kind())
          .setCause(e)
          .log("A question of the control plane cannot be answered");
    } finally {
      answering.remove(Thread.currentThread());
      free.release();
    }
  }

  /// Empty for a kind that only newer gateways know.
  private String json(Question question) {
    return Optional.ofNullable(byKind.get(question.kind()))
        .map(responder -> responder.apply(question.subject()))
        .orElse("");
  }

  /// Aborts answers in progress.
  @Override
  public void close() {
    answering.forEach(Thread::interrupt);
  }
}
