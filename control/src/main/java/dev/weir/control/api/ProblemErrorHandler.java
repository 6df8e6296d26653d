// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// Turns errors of Jetty (a malformed request line, a header that is too large) into problems.
public final class ProblemErrorHandler extends ErrorHandler {
  private static final int UNKNOWN_HTTP_VERSION = 505;

  /// Sends a problem for every method, not only for GET and POST.
  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    // An invalid first line is an error of the client; a 5xx would page an operator.
    int status = code == UNKNOWN_HTTP_VERSION ? ProblemType.MALFORMED.status() : code;
    response.setStatus(status);
    ProblemException problem =
        problem(
            ProblemType.ofStatus(status),
            "the HTTP request was refused"
                + Optional.ofNullable(message).map(m -> ": " + m).orElse(""));
    problem.headers().forEach(response.getHeaders()::put);
    String requestId =
        Optional.ofNullable(response.getHeaders().get(JettyAdapter.REQUEST_ID))
            .or(() -> JettyAdapter.givenId(request))
            .orElse("");
    if (!requestId.isEmpty()) {
      response.getHeaders().put(JettyAdapter.REQUEST_ID, requestId);
    }
    var body = ApiJson.problem(problem, requestId).put("status", status);
    response.getHeaders().put("Content-Type", ApiJson.PROBLEM_TYPE);
    response.write(true, ByteBuffer.wrap(ApiJson.bytes(body)), callback);
  }

  /// Jetty responds that it is unavailable while it stops.
  public static ProblemException problem(ProblemType type, String detail) {
    return type.hasRetryAfter()
        ? ProblemException.temporary(type, detail, ControlApi.STOP_TIME)
        : ProblemException.of(type, detail);
  }
}
