// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// What Jetty refuses by itself (a malformed request line, a header that is too large) is answered
/// as a problem too.
final class ProblemPages extends ErrorHandler {
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    ProblemException problem =
        ProblemException.of(
            ProblemType.ofStatus(code),
            "the HTTP request was refused"
                + Optional.ofNullable(message).map(m -> ": " + m).orElse(""));
    String requestId =
        Optional.ofNullable(response.getHeaders().get(JettyFront.REQUEST_ID)).orElse("");
    var body = Json.problem(problem, requestId).put("status", code);
    response.getHeaders().put("Content-Type", Json.PROBLEM_TYPE);
    response.write(true, ByteBuffer.wrap(Json.bytes(body)), callback);
  }
}
