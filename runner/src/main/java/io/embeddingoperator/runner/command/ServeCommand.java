package io.embeddingoperator.runner.command;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EndpointLimits;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.manifest.ServedManifest;
import io.embeddingoperator.runner.run.JobEndpoint;
import io.embeddingoperator.runner.run.ListeningAddress;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import io.embeddingoperator.runner.run.TerminationReport;
import io.embeddingoperator.runner.serve.ServeLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Answers requests for vectors until the process is asked to stop. */
@Command(
        name = "serve",
        description = {
            "Answers POST /v1/embeddings, as OpenAI does, with the job's own model, prefixes and settings.",
            "With EMBEDDING_SINK_URI it makes sure first that the table was filled with them.",
            "An EmbeddingEndpoint with spec.embedder.onnx is answered for with its own."
        })
final class ServeCommand implements Callable<Integer> {

    @Mixin
    private ManifestOption manifest;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "default: ${DEFAULT-VALUE}; 0 for any free one")
    private int port;

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "an IP address of this machine (default: ${DEFAULT-VALUE}; 0.0.0.0 for all)")
    private String address;

    @Option(
            names = "--max-queue-millis",
            paramLabel = "MILLIS",
            description = "a request that would wait longer is refused at once with 429 (default: the manifest's, or "
                    + EndpointLimits.DEFAULT_QUEUE_MILLIS + ")")
    private Integer maxQueueMillis;

    @Option(
            names = "--max-request-texts",
            paramLabel = "N",
            description =
                    "texts of one request (default: the manifest's, or " + EndpointLimits.DEFAULT_REQUEST_TEXTS + ")")
    private Integer maxRequestTexts;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws InterruptedException {
        require(
                port >= 0 && port <= ListeningAddress.MAX_PORT,
                "--port",
                port,
                "use a port from 0 to %d".formatted(ListeningAddress.MAX_PORT));
        JobEndpoint endpoint = open(manifest.readServed());
        Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close, "stop"));
        command.commandLine().getOut().println("ready: http://%s:%d/v1/embeddings".formatted(address, endpoint.port()));
        new CountDownLatch(1).await();
        return 0;
    }

    private JobEndpoint open(ServedManifest served) throws InterruptedException {
        RunnerEnvironment environment = RunnerEnvironment.of(System.getenv());
        try {
            return JobEndpoint.open(
                    served, environment, new InetSocketAddress(address(), port), limits(served.limits()));
        } catch (RunnerException e) {
            // Kubernetes starts the pod again and again: the status of the endpoint says why, from this.
            new TerminationReport(environment.terminationMessage())
                    .write(Progress.unplanned(
                            new Progress.Process(served.metadata().name(), 0, null), e.getMessage()));
            throw e;
        }
    }

    /** What the command line leaves out is the manifest's to say. */
    private ServeLimits limits(EndpointLimits manifests) {
        int queueMillis = Objects.requireNonNullElse(maxQueueMillis, manifests.maxQueueMillis());
        int requestTexts = Objects.requireNonNullElse(maxRequestTexts, manifests.maxRequestTexts());
        require(queueMillis >= 1, "--max-queue-millis", queueMillis, "use 1 or more");
        require(requestTexts >= 1, "--max-request-texts", requestTexts, "use 1 or more");
        return new ServeLimits(Duration.ofMillis(queueMillis), requestTexts);
    }

    private InetAddress address() {
        return ListeningAddress.parse(
                address, advice -> new SpecificationException("--address is %s: %s".formatted(address, advice)));
    }

    private static void require(boolean met, String option, int value, String advice) {
        if (!met) {
            throw new SpecificationException("%s is %d: %s".formatted(option, value, advice));
        }
    }
}
