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

/// Stands between one attempt and the client: looks at the head and hands the body to what fits it,
/// and reports one [AttemptResult]. Event loop only.
public final class Relay implements AttemptListener, ClientStream.Listener {
  private final RelayJob job;
  private @Nullable AttemptControl control;
  private @Nullable BodyRelay body;
  private boolean over;

  public Relay(RelayJob job) {
    this.job = job;
  }

  /// How a kind of body is brought to the client. After an ending was returned nothing more is
  /// called.
  interface BodyRelay {
    /// The body relay owns the bytes.
    Optional<AttemptResult> body(ByteBuf bytes);

    void readComplete();

    AttemptResult complete();

    AttemptResult broke(Failure failure);

    /// Releases what is held.
    void drop();
  }

  /// Must be called before the attempt can say anything: connects the listener to the attempt.
  public void control(AttemptControl attempt) {
    control = attempt;
    if (over) {
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

  // --- what the attempt says

  @Override
  public void head(int status, HttpHeaders headers) {
    if (over) {
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
    if (over || relay == null) {
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
    if (!over && relay != null) {
      relay.readComplete();
    }
  }

  @Override
  public void complete() {
    BodyRelay relay = body;
    if (!over && relay != null) {
      end(relay.complete());
    }
  }

  @Override
  public void broke(Failure failure) {
    BodyRelay relay = body;
    if (over) {
      return;
    }
    end(relay == null ? brokeBeforeHead(failure) : relay.broke(failure));
  }

  private AttemptResult brokeBeforeHead(Failure failure) {
    return job.continued()
        ? new StreamEndPolicy(job).cut(failure)
        : new AttemptResult.FailedBeforeFirstByte(failure, Optional.empty());
  }

  /// Gives up an attempt of which the client has seen nothing; the connection to the replica is
  /// closed.
  public void giveUp(Failure failure) {
    if (!over) {
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

  // --- what the client does

  @Override
  public void gone() {
    if (!over) {
      stop();
      end(new AttemptResult.Cancelled());
    }
  }

  @Override
  public void writabilityChanged(boolean writable) {
    AttemptControl attempt = control;
    if (over || attempt == null) {
      return;
    }
    if (writable) {
      attempt.resume();
    } else {
      attempt.pause();
    }
  }

  private void end(AttemptResult ending) {
    over = true;
    body = null;
    job.ended().accept(ending);
  }
}
