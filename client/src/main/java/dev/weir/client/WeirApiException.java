// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.value.Problem;
import java.util.List;

/// The control plane rejected a request with an RFC 9457 problem.
public final class WeirApiException extends RuntimeException {
  private final int status;
  private final String type;
  private final String title;
  private final String detail;
  private final String requestId;
  private final transient List<Problem> errors;

  /// @param type the problem's stable type, a URI; `about:blank` if the response was not a problem
  ///   document
  /// @param requestId identifies the call in the control plane's log and audit log
  /// @param errors the problems of fields
  public WeirApiException(
      int status,
      String type,
      String title,
      String detail,
      String requestId,
      List<Problem> errors) {
    super(detail.isEmpty() ? title : detail);
    this.status = status;
    this.type = type;
    this.title = title;
    this.detail = detail;
    this.requestId = requestId;
    this.errors = List.copyOf(errors);
  }

  /// The HTTP status, for example 404, 409 (conflicting state), 412 (other revision), 422
  /// (invalid).
  public int status() {
    return status;
  }

  public String type() {
    return type;
  }

  public String title() {
    return title;
  }

  public String detail() {
    return detail;
  }

  public String requestId() {
    return requestId;
  }

  public List<Problem> errors() {
    return errors;
  }
}
