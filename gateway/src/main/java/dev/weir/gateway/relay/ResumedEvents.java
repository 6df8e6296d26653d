// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.StreamDialect.Finish;
import dev.weir.gateway.exchange.answer.EventContent;
import dev.weir.gateway.exchange.answer.Transcript;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Converts the events of a continuation for the client: each is rewritten with the identity of the
/// first chunk, repeated roles are removed, and the answer ends if a stop string spans the seam.
final class ResumedEvents {
  private final RelayJob job;
  private final ClientStream client;
  private final Transcript transcript;
  private final ResumeBoundary resumeBoundary;
  private final List<ByteBuf> held = new ArrayList<>();
  private boolean muted;

  ResumedEvents(RelayJob job) {
    this.job = job;
    this.client = job.client();
    this.transcript = job.transcript();
    this.resumeBoundary = new ResumeBoundary(transcript.text(), transcript.resumeConstraints());
    this.muted = job.usageOnly();
  }

  /// Whether only the usage is still sent to the client.
  boolean muted() {
    return muted;
  }

  /// Processes an event that the transcript has recorded.
  ///
  /// @return the result if the engine is no longer needed
  Optional<AttemptResult> event(byte[] data, int length, EventContent facts) {
    if (muted) {
      if (facts.usage && !transcript.usageWasSent()) {
        sendUsageOnly();
      }
      return Optional.empty();
    }
    boolean finished = facts.end == EventContent.End.FINISHED;
    if (facts.roleOnly && !finished) {
      return Optional.empty();
    }
    ResumeBoundary.State boundaryState = resumeBoundary.append(facts.text);
    if (boundaryState == ResumeBoundary.State.STOPPED) {
      return stopped();
    }
    held.add(job.dialect().continued(data, length, facts, transcript));
    if (boundaryState == ResumeBoundary.State.CLEAR || finished) {
      release();
    }
    transcript.noteEnd(facts);
    return Optional.empty();
  }

  private Optional<AttemptResult> stopped() {
    drop();
    String shown = transcript.resumeConstraints().stopShown() ? resumeBoundary.stopAfterSeam() : "";
    finish(new Finish("stop", shown, Optional.of(resumeBoundary.stop())));
    if (transcript.owesUsage() && !transcript.promptKnown()) {
      muted = true;
      return Optional.empty();
    }
    if (transcript.owesUsage()) {
      client.write(job.dialect().usage(transcript));
    }
    client.write(job.dialect().done());
    client.end();
    return Optional.of(new AttemptResult.Complete(200, Optional.empty()));
  }

  private void finish(Finish finish) {
    client.write(job.dialect().finish(transcript, finish));
    transcript.finish();
  }

  private void sendUsageOnly() {
    finishAtLimit();
    client.write(job.dialect().usage(transcript));
    transcript.usageSent();
  }

  private void finishAtLimit() {
    if (!transcript.finished()) {
      finish(Finish.AT_LIMIT);
    }
  }

  /// Handles the engine's end mark, or its absence after a valid finish.
  void done() {
    release();
    finishAtLimit();
    client.write(job.dialect().done());
  }

  /// Sends held events.
  void release() {
    held.forEach(client::write);
    held.clear();
  }

  void drop() {
    held.forEach(ByteBuf::release);
    held.clear();
  }
}
