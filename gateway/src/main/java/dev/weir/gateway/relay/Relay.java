// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Connects one attempt with the client: selects how to relay the body from the response head, and
/// reports one [AttemptResult]. Event loop only.
public final class Relay implements AttemptListener, ClientStream.Listener {
  private final RelayJob job;
  private @Nullable AttemptControl control;
  private @Nullable BodyRelay body;
  private boolean ended;

  public Relay(RelayJob job) {
    this.job = job;
  }

  /// Relays one kind of body to the client. After a result is returned, nothing more is called.
  interface BodyRelay {
    /// The body relay owns the bytes.
    Optional<AttemptResult> body(ByteBuf bytes);

    void readComplete();

    AttemptResult complete();

    AttemptResult broke(Failure failure);

    /// Releases held bytes.
    void drop();
  }

  /// Connects the relay with its attempt. Must be called before the attempt emits events.
  public void control(AttemptControl attempt) {
    control = attempt;
    if (ended) {
      attempt.cancel();
    }
  }

  private AttemptControl control() {
    AttemptControl attempt = control;
    if (attempt == null) {
      throw new IllegalStateException("a relay without its attempt");
    }
    return attempt;
  }

  // --- attempt events

  @Override
  public void head(int status, HttpHeaders headers) {
    if (ended) {
      return;
    }
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
    boolean events = status / 100 == 2 && type.regionMatches(true, 0, "text/event-stream", 0, 17);
    if (events) {
      body = new EventStreamRelay(job, control(), status, headers);
    } else if (job.continued()) {
      body = new RefusedContinuation(job, status);
    } else {
      body = new WholeBody(job, status, headers);
    }
  }

  @Override
  public void body(ByteBuf bytes) {
    BodyRelay relay = body;
    if (ended || relay == null) {
      bytes.release();
      return;
    }
    Optional<AttemptResult> ending = relay.body(bytes);
    if (ending.isPresent()) {
      control().cancel();
      end(ending.get());
    } else if (!job.client().isWritable()) {
      control().pause();
    }
  }

  @Override
  public void readComplete() {
    BodyRelay relay = body;
    if (!ended && relay != null) {
      relay.readComplete();
    }
  }

  @Override
  public void complete() {
    BodyRelay relay = body;
    if (!ended && relay != null) {
      end(relay.complete());
    }
  }

  @Override
  public void broke(Failure failure) {
    BodyRelay relay = body;
    if (ended) {
      return;
    }
    end(relay == null ? brokeBeforeHead(failure) : relay.broke(failure));
  }

  private AttemptResult brokeBeforeHead(Failure failure) {
    return job.continued()
        ? new StreamEndPolicy(job).cut(failure)
        : new AttemptResult.FailedBeforeFirstByte(failure, Optional.empty());
  }

  /// Gives up an attempt of which the client has received nothing; the connection to the replica is
  /// closed.
  public void giveUp(Failure failure) {
    if (!ended) {
      stop();
      end(new AttemptResult.FailedBeforeFirstByte(failure, Optional.empty()));
    }
  }

  private void stop() {
    BodyRelay relay = body;
    if (relay != null) {
      relay.drop();
    }
    AttemptControl attempt = control;
    if (attempt != null) {
      attempt.cancel();
    }
  }

  // --- client events

  @Override
  public void gone() {
    if (!ended) {
      stop();
      end(new AttemptResult.Cancelled());
    }
  }

  @Override
  public void writabilityChanged(boolean writable) {
    AttemptControl attempt = control;
    if (ended || attempt == null) {
      return;
    }
    if (writable) {
      attempt.resume();
    } else {
      attempt.pause();
    }
  }

  private void end(AttemptResult ending) {
    ended = true;
    body = null;
    job.ended().accept(ending);
  }
}
