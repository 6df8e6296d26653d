// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import dev.weir.control.outward.CallFailure;
import dev.weir.control.outward.OutboundHttp;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// Sends messages over HTTP and SMTP to the addresses that users configure.
public final class MessageSender implements MessageTransport {
  private static final int MAX_RESPONSE_BYTES = 4_096;

  private final OutboundHttp http;
  private final InstantSource clock;

  public MessageSender(OutboundHttp http, InstantSource clock) {
    this.http = http;
    this.clock = clock;
  }

  @Override
  public DeliveryResult send(Message message) throws InterruptedException {
    try {
      return switch (message) {
        case Message.Post post -> post(post);
        case Message.Mail mail -> mail(mail);
      };
    } catch (UnknownHostException e) {
      return later(String.valueOf(e.getMessage()));
    }
  }

  private DeliveryResult mail(Message.Mail mail) throws UnknownHostException {
    Optional<String> refusal = http.refusal(mail.host(), mail.port());
    return refusal.isPresent()
        ? new DeliveryResult.Rejected(refusal.get())
        : SmtpSender.send(mail, OutboundHttp.CONNECT, OutboundHttp.CALL_TIMEOUT);
  }

  private DeliveryResult post(Message.Post post) throws InterruptedException, UnknownHostException {
    Optional<String> refusal = http.refusal(post.to());
    return refusal.isPresent() ? new DeliveryResult.Rejected(refusal.get()) : call(post);
  }

  private DeliveryResult call(Message.Post post) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(post.to())
            .header("Content-Type", post.contentType())
            .POST(BodyPublishers.ofString(post.body()));
    post.headers().forEach(request::header);
    try {
      return ResponseClassifier.judge(http.call(request, MAX_RESPONSE_BYTES), clock.instant());
    } catch (TimeoutException e) {
      return later("no answer within " + OutboundHttp.CALL_TIMEOUT.toSeconds() + " s");
    } catch (ExecutionException e) {
      return later(CallFailure.describe(post.to(), e));
    }
  }

  static DeliveryResult later(String reason) {
    return new DeliveryResult.Deferred(reason, Optional.empty());
  }

  @Override
  public void close() {
    http.close();
  }
}
