// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.engine.BatchScheduler;
import dev.weir.simulator.engine.SpeedFactor;
import dev.weir.simulator.fault.FaultPlan;
import dev.weir.simulator.fault.FaultSampler;
import dev.weir.simulator.fault.SimulatedFault;
import dev.weir.simulator.metrics.EngineMetrics;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.EventExecutor;
import java.util.HexFormat;

/// The state of one simulated server, confined to its event loop.
public final class SimulatedModelServer {
  private static final int BODY_MAX_BYTES = 16 << 20;

  /// vLLM sets uvicorn's limit (`--h11-max-incomplete-event-size`) to 4 MiB, so that a proxy
  /// rejects long headers first; this server leaves them to the gateway too.
  private static final int HEADERS_MAX_BYTES = 256 << 10;

  private static final int LINE_MAX_BYTES = 64 << 10;
  private static final int CHUNK_MAX_BYTES = 8 << 10;

  private final ServerSetup setup;
  private final EngineMetrics metrics;
  private final EngineLoop engine;
  private final FaultSampler dice;
  private final SpeedFactors paces;
  private final long startedNanos;
  private FaultPlan faults;
  private long requestsTaken;
  private long requestsUntilCrash;
  private long tokensUntilCrash;
  private int inFlight;

  /// @param loop the event loop of all connections of this server
  public SimulatedModelServer(ServerSetup setup, EventExecutor loop) {
    this.setup = setup;
    this.metrics =
        new EngineMetrics(
            setup.model().name(), setup.model().maxModelLen(), setup.profile().kvBlocks());
    BatchScheduler scheduler = new BatchScheduler(setup.profile(), setup.limits());
    this.engine = new EngineLoop(scheduler, metrics, loop, setup.nanoTime());
    this.dice = new FaultSampler(setup.random());
    this.paces = new SpeedFactors(setup.noise(), setup.random());
    this.startedNanos = setup.nanoTime().getAsLong();
    this.faults = setup.faults();
    armCrash();
  }

  /// Initializes accepted connections.
  public ChannelInitializer<SocketChannel> connections(ChannelGroup group) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        group.add(channel);
        channel
            .pipeline()
            .addLast(new HttpServerCodec(LINE_MAX_BYTES, HEADERS_MAX_BYTES, CHUNK_MAX_BYTES))
            .addLast(new HttpObjectAggregator(BODY_MAX_BYTES))
            .addLast(new SimConnection(new SimRoutes(SimulatedModelServer.this), engine));
      }
    };
  }

  ServedModel model() {
    return setup.model();
  }

  EngineMetrics metrics() {
    return metrics;
  }

  EngineLoop engine() {
    return engine;
  }

  /// The active faults. Call only on the event loop.
  public FaultPlan faults() {
    return faults;
  }

  /// Sets the faults. Call only on the event loop.
  public void setFaults(FaultPlan plan) {
    faults = plan;
    armCrash();
  }

  private void armCrash() {
    requestsUntilCrash = (long) faults.get(SimulatedFault.CRASH_AFTER_REQUESTS);
    tokensUntilCrash = (long) faults.get(SimulatedFault.CRASH_AFTER_TOKENS);
  }

  boolean loading() {
    return now() - startedNanos < setup.loadNanos();
  }

  long now() {
    return setup.nanoTime().getAsLong();
  }

  int inFlight() {
    return inFlight;
  }

  void leave() {
    inFlight--;
  }

  /// Counts a request and draws its faults.
  FaultSampler.SampledFaults take() {
    inFlight++;
    requestsTaken++;
    if (requestsUntilCrash > 0 && --requestsUntilCrash == 0) {
      crash();
    }
    return dice.roll(faults);
  }

  /// Counts a generated token; returns false if it crashed the server.
  boolean tokenGenerated() {
    metrics.token();
    if (tokensUntilCrash > 0 && --tokensUntilCrash == 0) {
      crash();
      return false;
    }
    return true;
  }

  void crash() {
    setup.crash().run();
  }

  /// The speed factor of the last request.
  SpeedFactor speedFactor() {
    return paces.speedFactor(requestsTaken, faults);
  }

  String newId() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(setup.ids().nextLong()) + hex.toHexDigits(setup.ids().nextLong());
  }
}
