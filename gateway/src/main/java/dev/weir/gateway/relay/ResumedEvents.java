// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.EventContent;
import dev.weir.gateway.exchange.StreamDialect.Finish;
import dev.weir.gateway.exchange.Transcript;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The events of an engine that resumes a broken answer, as the client sees them: each rewritten
/// with the identity of the first chunk, none that repeats the role, and an end where a stop string
/// lies across the seam.
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

  /// Nothing but the counts goes on to the client.
  boolean muted() {
    return muted;
  }

  /// An event that the transcript has noted.
  ///
  /// @return the ending when nothing more is wanted of the engine
  Optional<AttemptResult> event(byte[] data, int length, EventContent facts) {
    if (muted) {
      if (facts.usage && !transcript.usageWasSent()) {
        countsOnly();
      }
      return Optional.empty();
    }
    boolean finished = facts.end == EventContent.End.FINISHED;
    if (facts.roleOnly && !finished) {
      return Optional.empty();
    }
    ResumeBoundary.Sight sight = resumeBoundary.look(facts.text);
    if (sight == ResumeBoundary.Sight.STOPPED) {
      return stopped();
    }
    held.add(job.dialect().continued(data, length, facts, transcript));
    if (sight == ResumeBoundary.Sight.CLEAR || finished) {
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

  private void countsOnly() {
    finishAtLimit();
    client.write(job.dialect().usage(transcript));
    transcript.usageSent();
  }

  private void finishAtLimit() {
    if (!transcript.finished()) {
      finish(Finish.AT_LIMIT);
    }
  }

  /// The engine's end mark, or an end without one after a legal finish.
  void done() {
    release();
    finishAtLimit();
    client.write(job.dialect().done());
  }

  /// Sends what was held back.
  void release() {
    held.forEach(client::write);
    held.clear();
  }

  void drop() {
    held.forEach(ByteBuf::release);
    held.clear();
  }
}
