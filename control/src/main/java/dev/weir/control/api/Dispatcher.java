// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Access;
import dev.weir.control.access.Caller;
import dev.weir.control.access.Denials;
import dev.weir.control.access.Verdict;
import dev.weir.control.api.Route.Need;
import dev.weir.control.change.ChangeRefusedException;
import dev.weir.model.Kind;
import dev.weir.model.ResourceRef;
import dev.weir.store.StoreException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way of a call, top to bottom: match, authenticate, authorise, read, replay or carry out.
/// Whatever ends it early is a problem.
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final String BEARER = "bearer ";
  private static final int MAX_SECRET = 512;
  private static final int MAX_SHOWN = 200;
  private static final Caller NOBODY =
      new Caller("", ResourceRef.of(Kind.API_KEY, "none", "none"), "", List.of());

  private final Routes routes;
  private final Access access;
  private final Denials denials;
  private final IdempotencyKeys idempotency;
  private final Outage outage;

  Dispatcher(
      Routes routes, Access access, Denials denials, IdempotencyKeys idempotency, Outage outage) {
    this.routes = routes;
    this.access = access;
    this.denials = denials;
    this.idempotency = idempotency;
    this.outage = outage;
  }

  /// What came in, before anything is believed.
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
    /// @throws ProblemException when it has more bytes, does not arrive in time, or breaks
    byte[] body(int maxBytes);
  }

  /// How a call ended.
  ///
  /// @param template of the route, for metrics; `none` when no route was reached
  record Ending(Answer answer, String template) {}

  Ending dispatch(Incoming in) {
    String template = "none";
    try {
      Routes.Match match = routes.match(in.method(), in.path());
      if (match instanceof Routes.Match.Found found) {
        template = found.route().template();
      }
      return new Ending(answer(in, match), template);
    } catch (ProblemException e) {
      return new Ending(problem(e, in.requestId()), template);
    } catch (StoreException e) {
      LOG.error(
          "event=api.failed requestId={} cause=store message=\"{}\"",
          in.requestId(),
          e.getMessage());
      return new Ending(problem(ProblemException.of(e, outage.failed()), in.requestId()), template);
    }
  }

  private Answer answer(Incoming in, Routes.Match match) {
    if (match instanceof Routes.Match.Found(Route route, Map<String, String> path)
        && route.need() instanceof Need.Open) {
      return carryOut(route, read(in, route, path, NOBODY), in);
    }
    Caller caller = authenticate(in);
    return switch (match) {
      case Routes.Match.Nothing _ ->
          throw ProblemException.of(
              ProblemType.NOT_FOUND, "there is no such path; see /api/v1/openapi.json");
      case Routes.Match.WrongMethod(var allowed) ->
          throw ProblemException.of(
                  ProblemType.METHOD_NOT_ALLOWED, "this path takes " + String.join(", ", allowed))
              .withHeader("Allow", String.join(", ", allowed));
      case Routes.Match.Found(Route route, Map<String, String> path) -> {
        authorise(in, route, path, caller);
        yield carryOut(route, read(in, route, path, caller), in);
      }
    };
  }

  private Caller authenticate(Incoming in) {
    Optional<String> secret =
        in.header("authorization")
            .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
            .map(value -> value.substring(BEARER.length()).strip())
            .filter(value -> !value.isEmpty() && value.length() <= MAX_SECRET);
    return switch (access.authenticate(secret)) {
      case Verdict.Allowed(Caller caller) -> caller;
      case Verdict.Unauthenticated(String why) -> {
        denials.denied("", in.sourceAddress(), in.requestId(), attempt(in), why);
        throw ProblemException.of(
                ProblemType.UNAUTHENTICATED,
                "give a valid key as Authorization: Bearer <key>; see weir key create")
            .withHeader("WWW-Authenticate", "Bearer realm=\"weir\"");
      }
      case Verdict.Forbidden(String principal, String reason) ->
          throw forbidden(in, principal, reason);
    };
  }

  private void authorise(Incoming in, Route route, Map<String, String> path, Caller caller) {
    switch (route.need()) {
      case Need.Open _, Need.Known _ -> {}
      case Need.Right right -> {
        switch (access.decide(caller, right.action(), right.scope().apply(path))) {
          case Verdict.Allowed _ -> {}
          case Verdict.Unauthenticated(String why) -> throw forbidden(in, caller.principal(), why);
          case Verdict.Forbidden(String principal, String reason) ->
              throw forbidden(in, principal, reason);
        }
      }
    }
  }

  private ProblemException forbidden(Incoming in, String principal, String reason) {
    denials.denied(principal, in.sourceAddress(), in.requestId(), attempt(in), reason);
    return ProblemException.of(ProblemType.FORBIDDEN, principal + " " + reason);
  }

  private static Call read(Incoming in, Route route, Map<String, String> path, Caller caller) {
    Map<String, String> query = query(in, route);
    Map<String, String> headers = new TreeMap<>();
    for (String name : Call.HEADERS) {
      in.header(name).ifPresent(value -> headers.put(name, value));
    }
    byte[] body = route.body().maxBytes() > 0 ? in.body(route.body().maxBytes()) : new byte[0];
    return new Call(caller, path, query, headers, body, in.requestId(), in.sourceAddress());
  }

  private static Map<String, String> query(Incoming in, Route route) {
    List<String> known = route.query().stream().map(Route.Parameter::name).toList();
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
                ProblemType.MALFORMED,
                name + " is given " + values.size() + " times; give it once");
          }
          query.put(name, values.getFirst());
        });
    return query;
  }

  private static String parameters(List<String> known) {
    return known.isEmpty() ? "this path takes none" : "this path takes " + String.join(", ", known);
  }

  private Answer carryOut(Route route, Call call, Incoming in) {
    try {
      return route.method() == Route.Method.POST
          ? idempotency.answer(route, call, String.join("/", in.path()))
          : route.handler().handle(call);
    } catch (ProblemException e) {
      if (e.type() == ProblemType.FORBIDDEN) {
        denials.denied(
            call.caller().principal(), in.sourceAddress(), in.requestId(), attempt(in), e.detail());
      }
      throw e;
    } catch (ChangeRefusedException e) {
      throw Writer.refused(e);
    } catch (StoreException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ProblemException.later(
          ProblemType.OVERLOADED, "Weir is stopping", ControlApi.STOP_TIME);
    } catch (Exception e) {
      LOG.error("event=api.failed requestId={}", in.requestId(), e);
      throw ProblemException.of(
          ProblemType.INTERNAL, "this is a fault of Weir; the log has it under the request id");
    }
  }

  static Answer.Whole problem(ProblemException problem, String requestId) {
    return new Answer.Whole(
        problem.type().status(),
        Json.PROBLEM_TYPE,
        Json.bytes(Json.problem(problem, requestId)),
        problem.headers());
  }

  private static String attempt(Incoming in) {
    return shown(in.method()) + " /" + shown(String.join("/", in.path()));
  }

  /// Short and without control characters: it goes into the audit log.
  private static String shown(String text) {
    String cut = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) : text;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
