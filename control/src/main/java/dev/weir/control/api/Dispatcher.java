// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AccessDecision;
import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.control.access.DenialLog;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ApiRoute;
import dev.weir.control.api.call.ApiRoute.Requirement;
import dev.weir.control.api.call.CallWarnings;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.api.call.StoreOutage;
import dev.weir.control.api.call.WriteProblems;
import dev.weir.control.change.ChangeRefusedException;
import dev.weir.control.pipeline.Refusal;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.StoreException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The steps of an API call: match, authenticate, authorise, read, replay or execute. A call that
/// ends early gets a problem.
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final String BEARER = "bearer ";
  private static final int MAX_SECRET = 512;
  private static final int MAX_SHOWN = 200;
  private static final AuthenticatedCaller ANONYMOUS =
      new AuthenticatedCaller("", ResourceRef.of(Kind.API_KEY, "none", "none"), "", List.of());

  private final ApiRoutes routes;
  private final AccessControl accessControl;
  private final DenialLog denialLog;
  private final IdempotencyKeys idempotency;
  private final StoreOutage storeOutage;

  Dispatcher(
      ApiRoutes routes,
      AccessControl accessControl,
      DenialLog denialLog,
      IdempotencyKeys idempotency,
      StoreOutage storeOutage) {
    this.routes = routes;
    this.accessControl = accessControl;
    this.denialLog = denialLog;
    this.idempotency = idempotency;
    this.storeOutage = storeOutage;
  }

  /// A request before any check.
  ///
  /// @param path with percent escapes resolved, segment by segment
  interface Incoming {
    String method();

    List<String> path();

    Map<String, List<String>> query();

    Optional<String> header(String name);

    String requestId();

    String sourceAddress();

    /// The whole body.
    ///
    /// @throws ProblemException if it is larger, does not arrive in time, or is interrupted
    byte[] body(int maxBytes);
  }

  /// The result of a call.
  ///
  /// @param template of the route, for metrics; `none` if no route matched
  record Ending(ApiResponse answer, String template) {}

  Ending dispatch(Incoming in) {
    String template = "none";
    try {
      ApiRoutes.Match match = routes.match(in.method(), in.path());
      if (match instanceof ApiRoutes.Match.Found found) {
        template = found.route().template();
      }
      return new Ending(answer(in, match), template);
    } catch (ProblemException e) {
      return new Ending(problem(e, in.requestId()), template);
    } catch (StoreException e) {
      LOG.atError()
          .addKeyValue("event", "api.failed")
          .addKeyValue("request_id", in.requestId())
          .addKeyValue("cause", "store")
          .addKeyValue("error", e.getMessage())
          .log("The store failed during a call of the control API");
      return new Ending(
          problem(ProblemException.of(e, storeOutage.failed()), in.requestId()), template);
    }
  }

  private ApiResponse answer(Incoming in, ApiRoutes.Match match) {
    if (match instanceof ApiRoutes.Match.Found(ApiRoute route, Map<String, String> path)
        && route.need() instanceof Requirement.NoKey) {
      return execute(route, read(in, route, path, ANONYMOUS), in);
    }
    AuthenticatedCaller caller = authenticate(in);
    return switch (match) {
      case ApiRoutes.Match.NotFound _ ->
          throw ProblemException.of(
              ProblemType.NOT_FOUND, "there is no such path; see /api/v1/openapi.json");
      case ApiRoutes.Match.WrongMethod(var allowed) ->
          throw ProblemException.of(
                  ProblemType.METHOD_NOT_ALLOWED,
                  "this path supports " + String.join(", ", allowed))
              .withHeader("Allow", String.join(", ", allowed));
      case ApiRoutes.Match.Found(ApiRoute route, Map<String, String> path) -> {
        authorise(in, route, path, caller);
        yield execute(route, read(in, route, path, caller), in);
      }
    };
  }

  private AuthenticatedCaller authenticate(Incoming in) {
    Optional<String> secret =
        in.header("authorization")
            .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
            .map(value -> value.substring(BEARER.length()).strip())
            .filter(value -> !value.isEmpty() && value.length() <= MAX_SECRET);
    return switch (accessControl.authenticate(secret)) {
      case AccessDecision.Allowed(AuthenticatedCaller caller) -> caller;
      case AccessDecision.Unauthenticated(String why) -> {
        denialLog.denied("", in.sourceAddress(), in.requestId(), attempt(in), why);
        throw ProblemException.of(
                ProblemType.UNAUTHENTICATED,
                "send a valid key as Authorization: Bearer <key>; see weir key create")
            .withHeader("WWW-Authenticate", "Bearer realm=\"weir\"");
      }
      case AccessDecision.Forbidden(String principal, String reason) ->
          throw forbidden(in, principal, reason);
    };
  }

  private void authorise(
      Incoming in, ApiRoute route, Map<String, String> path, AuthenticatedCaller caller) {
    switch (route.need()) {
      case Requirement.NoKey _, Requirement.AnyKey _ -> {}
      case Requirement.Allowed allowed -> {
        switch (accessControl.decide(caller, allowed.action(), allowed.scope().apply(path))) {
          case AccessDecision.Allowed _ -> {}
          case AccessDecision.Unauthenticated(String why) ->
              throw forbidden(in, caller.principal(), why);
          case AccessDecision.Forbidden(String principal, String reason) ->
              throw forbidden(in, principal, reason);
        }
      }
    }
  }

  private ProblemException forbidden(Incoming in, String principal, String reason) {
    denialLog.denied(principal, in.sourceAddress(), in.requestId(), attempt(in), reason);
    return ProblemException.of(ProblemType.FORBIDDEN, principal + " " + reason);
  }

  private static ApiCall read(
      Incoming in, ApiRoute route, Map<String, String> path, AuthenticatedCaller caller) {
    Map<String, String> query = query(in, route);
    Map<String, String> headers = new TreeMap<>();
    for (String name : ApiCall.HEADERS) {
      in.header(name).ifPresent(value -> headers.put(name, value));
    }
    byte[] body = route.body().maxBytes() > 0 ? in.body(route.body().maxBytes()) : new byte[0];
    return new ApiCall(
        caller, path, query, headers, body, in.requestId(), in.sourceAddress(), new CallWarnings());
  }

  private static Map<String, String> query(Incoming in, ApiRoute route) {
    List<String> known = route.query().stream().map(ApiRoute.Parameter::name).toList();
    Map<String, String> query = new TreeMap<>();
    in.query()
        .forEach((name, values) -> {
          if (!known.contains(name)) {
            throw ProblemException.of(
                ProblemType.MALFORMED,
                "unknown query parameter " + shown(name) + "; " + parameters(known));
          }
          if (values.size() != 1) {
            throw ProblemException.of(
                ProblemType.MALFORMED, name + " appears " + values.size() + " times; send it once");
          }
          query.put(name, values.getFirst());
        });
    return query;
  }

  private static String parameters(List<String> known) {
    return known.isEmpty() ? "this path takes none" : "this path takes " + String.join(", ", known);
  }

  private ApiResponse execute(ApiRoute route, ApiCall call, Incoming in) {
    try {
      ApiResponse answer =
          route.method() == ApiRoute.Method.POST
              ? idempotency.answer(route, call, String.join("/", in.path()))
              : route.handler().handle(call);
      return call.warnings().addedTo(answer);
    } catch (ProblemException e) {
      if (e.type() == ProblemType.FORBIDDEN) {
        denialLog.denied(
            call.caller().principal(), in.sourceAddress(), in.requestId(), attempt(in), e.detail());
      }
      throw e;
    } catch (ChangeRefusedException e) {
      throw WriteProblems.of(Refusal.of(e));
    } catch (StoreException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ProblemException.temporary(
          ProblemType.OVERLOADED, "Weir is stopping", ControlApi.STOP_TIME);
    } catch (Exception e) {
      LOG.atError()
          .addKeyValue("event", "api.failed")
          .addKeyValue("request_id", in.requestId())
          .setCause(e)
          .log("A call of the control API failed");
      throw ProblemException.of(
          ProblemType.INTERNAL, "this is a fault of Weir; the log contains the request id");
    }
  }

  static ApiResponse.Whole problem(ProblemException problem, String requestId) {
    return new ApiResponse.Whole(
        problem.type().status(),
        ApiJson.PROBLEM_TYPE,
        ApiJson.bytes(ApiJson.problem(problem, requestId)),
        problem.headers());
  }

  private static String attempt(Incoming in) {
    return shown(in.method()) + " /" + shown(String.join("/", in.path()));
  }

  /// Truncated and without control characters, for the audit log.
  private static String shown(String text) {
    String cut = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) : text;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
