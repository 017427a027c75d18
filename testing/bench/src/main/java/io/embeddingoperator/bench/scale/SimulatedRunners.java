package io.embeddingoperator.bench.scale;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The runners as the network sees them: every pod has an address of its own on this machine, and answers there. */
final class SimulatedRunners implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final AtomicInteger next =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 16));

    /** An address that no other pod of this program has had. */
    String newAddress() {
        int number = next.getAndIncrement();
        return "127.%d.%d.%d".formatted(251 + number / 64_516 % 3, 1 + number / 254 % 254, 1 + number % 254);
    }

    /** Answers for a pod from now on. */
    HttpServer answer(String address, int port, Supplier<Progress> progress) {
        return vertx.createHttpServer()
                .requestHandler(request -> request.response()
                        .putHeader("Content-Type", "application/json")
                        .end(TerminationMessage.write(progress.get())))
                .listen(port, address)
                .await();
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
