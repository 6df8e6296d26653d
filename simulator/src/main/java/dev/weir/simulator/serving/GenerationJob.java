// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.AnswerStream;
import dev.weir.simulator.answer.GradeStream;
import dev.weir.simulator.answer.SimulatedAnswer;
import dev.weir.simulator.answer.TokenPiece;
import dev.weir.simulator.answer.TokenStream;
import dev.weir.simulator.answer.Wrapping;
import dev.weir.simulator.engine.Sequence;
import dev.weir.simulator.fault.FaultSampler.SampledFaults;
import dev.weir.simulator.fault.SimulatedFault;
import dev.weir.simulator.metrics.EngineMetrics.Asked;
import dev.weir.simulator.metrics.EngineMetrics.Finished;
import dev.weir.simulator.metrics.EngineMetrics.Times;
import dev.weir.simulator.serving.ChunkWriter.ChoiceAnswer;
import dev.weir.simulator.serving.ChunkWriter.Usage;
import dev.weir.simulator.serving.GenerationRequest.Kind;
import dev.weir.simulator.serving.GenerationRequest.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One generation in progress: its choices go through the engine, their tokens to the responder,
/// and its faults are applied.
final class GenerationJob {
  private final SimulatedModelServer server;
  private final GenerationRequest request;
  private final SampledFaults fate;
  private final Responder responder;
  private final AnswerWriter writer;
  private final List<Choice> choices = new ArrayList<>();
  private int open;

  GenerationJob(
      SimulatedModelServer server,
      GenerationRequest request,
      SampledFaults fate,
      Responder responder,
      AnswerWriter writer) {
    this.server = server;
    this.request = request;
    this.fate = fate;
    this.responder = responder;
    this.writer = writer;
  }

  /// Starts the job, or rejects it if the engine is full.
  void start() {
    for (Prompt prompt : request.prompts()) {
      for (int number = 0; number < request.choices(); number++) {
        choices.add(new Choice(choices.size(), prompt, number));
      }
    }
    open = choices.size();
    if (!choices.stream().allMatch(Choice::submit)) {
      choices.forEach(Choice::leaveEngine);
      server.leave();
      responder.error(ApiError.overloaded(503));
      return;
    }
    responder.onAbort(this::abort);
    if (request.stream()) {
      responder.beginStream();
    }
    choices.stream().filter(Choice::needsNoEngine).toList().forEach(Choice::finishEmpty);
  }

  private void abort() {
    for (Choice choice : choices) {
      if (!choice.done) {
        choice.leaveEngine();
        choice.count(Finished.ABORT);
      }
    }
    server.leave();
  }

  private void choiceDone() {
    if (--open > 0) {
      return;
    }
    server.leave();
    if (request.stream()) {
      responder.stream(
          writer.closing(request.includeUsage() ? Optional.of(usage()) : Optional.empty()));
      responder.endStream();
    } else {
      responder.json(200, writer.whole(choices.stream().map(Choice::answer).toList(), usage()));
    }
  }

  private Usage usage() {
    int prompt = request.prompts().stream().mapToInt(each -> each.tokens().size()).sum();
    return new Usage(prompt, choices.stream().mapToInt(choice -> choice.generated).sum());
  }

  private Optional<Usage> usageSoFar() {
    return request.continuousUsage() ? Optional.of(usage()) : Optional.empty();
  }

  /// One answer of the request.
  private final class Choice {
    private final int index;
    private final Prompt prompt;
    private final TokenStream stream;
    private final Sequence sequence;
    private final long arrivedNanos = server.now();
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokenIds = new ArrayList<>();
    private String finishReason = TokenPiece.Finish.STOP.reason();
    private Optional<String> stoppedBy = Optional.empty();
    private boolean opened;
    private boolean done;
    private int generated;
    private long firstTokenNanos;
    private long lastTokenNanos;

    Choice(int index, Prompt prompt, int number) {
      this.index = index;
      this.prompt = prompt;
      this.stream =
          server.model().judge() && request.kind() == Kind.CHAT
              ? new GradeStream(prompt.tokens(), prompt.limits())
              : answered(number);
      int length = Math.max(1, stream.length());
      this.sequence =
          new Sequence(prompt.tokens().size(), length, server.speedFactor(), (at, last) -> token());
    }

    private TokenStream answered(int number) {
      SimulatedAnswer right =
          SimulatedAnswer.to(server.model().version(), request.seed(), number, prompt.tokens());
      return new AnswerStream(withFaults(right), prompt.limits());
    }

    private SimulatedAnswer withFaults(SimulatedAnswer right) {
      SimulatedAnswer answer = fate.wrong() ? right.garbled() : right;
      SimulatedAnswer result = fate.repetition() ? answer.looping() : answer;
      return result.scaled(server.faults().get(SimulatedFault.LENGTH_FACTOR));
    }

    private Wrapping wrapping() {
      if (fate.refusal()) {
        return Wrapping.REFUSAL;
      }
      Wrapping wrapping = request.json() ? Wrapping.JSON : Wrapping.NONE;
      Wrapping result = fate.invalidJson() ? wrapping.unended() : wrapping;
      return fate.poor() ? result.poor() : result;
    }

    boolean needsNoEngine() {
      return fate.empty() || prompt.limits().maxTokens() == 0;
    }

    boolean submit() {
      return needsNoEngine() || server.engine().submit(sequence);
    }

    void leaveEngine() {
      server.engine().remove(sequence);
    }

    void finishEmpty() {
      done = true;
      finishReason = fate.empty() ? finishReason : TokenPiece.Finish.LENGTH.reason();
      text.append(prompt.echo());
      if (request.stream()) {
        open();
        TokenPiece.Finish finish = fate.empty() ? TokenPiece.Finish.STOP : TokenPiece.Finish.LENGTH;
        responder.stream(
            writer.chunk(
                index,
                new TokenPiece(TokenPiece.NO_TOKEN, "", finish, Optional.empty()),
                usageSoFar()));
      }
      choiceDone();
    }

    private void token() {
      if (fate.stall() && generated >= server.faults().whole(SimulatedFault.STALL_AFTER_TOKENS)) {
        choices.forEach(Choice::leaveEngine);
        return;
      }
      TokenPiece piece = wrapping().around(stream.next(), generated == 0);
      boolean cutNow =
          piece.last() || generated >= server.faults().whole(SimulatedFault.CUT_AFTER_TOKENS);
      if (fate.cut() && cutNow) {
        responder.cut(server.faults().on(SimulatedFault.CUT_WITH_RESET));
        return;
      }
      measure();
      if (!server.tokenGenerated()) {
        return;
      }
      deliver(piece);
    }

    private void measure() {
      long now = server.now();
      if (generated == 0) {
        firstTokenNanos = now;
        server.metrics().firstToken(prompt.tokens().size(), now - arrivedNanos);
      } else {
        server.metrics().interToken(now - lastTokenNanos);
      }
      lastTokenNanos = now;
      generated++;
    }

    private void deliver(TokenPiece piece) {
      if (request.stream()) {
        open();
        if (!piece.text().isEmpty() || piece.last() || request.returnTokenIds()) {
          responder.stream(writer.chunk(index, piece, usageSoFar()));
        }
      } else {
        text.append(generated == 1 ? prompt.echo() : "").append(piece.text());
        tokenIds.add(piece.tokenId());
      }
      if (piece.last()) {
        finish(piece);
      }
    }

    private void open() {
      if (!opened) {
        opened = true;
        String opening = writer.opening(index, prompt, usageSoFar());
        if (!opening.isEmpty()) {
          responder.stream(opening);
        }
      }
    }

    private void finish(TokenPiece piece) {
      done = true;
      finishReason = piece.finish().reason();
      stoppedBy = piece.stoppedBy();
      leaveEngine();
      count(piece.finish() == TokenPiece.Finish.LENGTH ? Finished.LENGTH : Finished.STOP);
      choiceDone();
    }

    private void count(Finished reason) {
      if (generated == 0) {
        server.metrics().finishedEarly(reason);
        return;
      }
      Asked parameters =
          new Asked(prompt.tokens().size(), prompt.limits().maxTokens(), request.choices());
      Times times =
          new Times(
              arrivedNanos,
              sequence.eligibleAtNanos(),
              sequence.scheduledAtNanos(),
              firstTokenNanos,
              lastTokenNanos);
      server.metrics().finished(reason, parameters, generated, times);
    }

    ChoiceAnswer answer() {
      return new ChoiceAnswer(index, text.toString(), finishReason, stoppedBy, tokenIds);
    }
  }
}
