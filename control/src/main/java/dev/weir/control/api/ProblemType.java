// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

/// Every way in which a call can fail, with its stable name and status.
public enum ProblemType {
  MALFORMED("malformed", 400, "The request cannot be read"),
  UNAUTHENTICATED("unauthenticated", 401, "No valid key was given"),
  FORBIDDEN("forbidden", 403, "The caller has not the right"),
  NOT_FOUND("not-found", 404, "There is no such thing"),
  METHOD_NOT_ALLOWED("method-not-allowed", 405, "The method is not for this path"),
  TIMEOUT("timeout", 408, "The request did not arrive in time"),
  CONFLICT("conflict", 409, "The state does not allow it"),
  GONE("gone", 410, "The requested history has expired"),
  PRECONDITION_FAILED("precondition-failed", 412, "The resource has another revision"),
  TOO_LARGE("too-large", 413, "The request is too large"),
  INVALID("invalid", 422, "What was given is not right"),
  KEY_REUSED("idempotency-key-reused", 422, "The Idempotency-Key was used for another request"),
  INTERNAL("internal", 500, "Weir failed"),
  OVERLOADED("overloaded", 503, "Too much is going on at once"),
  STORE_UNAVAILABLE("store-unavailable", 503, "The store cannot be used"),
  STORE_FULL("store-full", 507, "The store's disk is full");

  private static final String BASE = "https://weir.dev/problems/";

  private final String slug;
  private final int status;
  private final String title;

  ProblemType(String slug, int status, String title) {
    this.slug = slug;
    this.status = status;
    this.title = title;
  }

  /// The `type` member: stable, whatever the texts say.
  public String uri() {
    return BASE + slug;
  }

  public int status() {
    return status;
  }

  /// Whether callers are told when to try again.
  boolean hasRetryAfter() {
    return status == 429 || status == 503 || status == 507;
  }

  public String title() {
    return title;
  }

  /// The type that stands for a status the HTTP server itself answered with.
  static ProblemType ofStatus(int status) {
    return switch (status) {
      case 404 -> NOT_FOUND;
      case 408 -> TIMEOUT;
      case 413, 414, 431 -> TOO_LARGE;
      case 503 -> OVERLOADED;
      default -> status < 500 ? MALFORMED : INTERNAL;
    };
  }
}
