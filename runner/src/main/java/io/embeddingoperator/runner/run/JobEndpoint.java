package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.LocalEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.serve.EmbeddingPort;
import io.embeddingoperator.runner.serve.ServeLimits;
import io.embeddingoperator.runner.serve.ServedModel;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job's model, which answers those who search in the job's table. */
public final class JobEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobEndpoint.class);

    private final LocalEmbedder embedder;
    private final EmbeddingPort port;

    private JobEndpoint(LocalEmbedder embedder, EmbeddingPort port) {
        this.embedder = embedder;
        this.port = port;
    }

    /**
     * Opens the model, and the port once it is ready.
     *
     * @param address whose port may be 0 for a free one
     * @throws SpecificationException when the job's model is not one of this process, or not the one that filled the table
     */
    public static JobEndpoint open(
            Manifest manifest, RunnerEnvironment environment, InetSocketAddress address, ServeLimits limits)
            throws InterruptedException {
        LocalEmbedder embedder = switch (manifest.spec().embedder().selected()) {
            case OnnxEmbedder onnx -> model(manifest, onnx, environment);
            case OpenAiEmbedder _ ->
                throw new SpecificationException(
                        "spec.embedder is openai, whose model answers at its provider: serve needs spec.embedder.onnx");
        };
        try {
            EmbeddingPort port = EmbeddingPort.open(address, new ServedModel(names(manifest), embedder), limits);
            LOG.info(
                    "{}: POST http://{}:{}/v1/embeddings",
                    embedder.description(),
                    address.getHostString(),
                    port.port());
            return new JobEndpoint(embedder, port);
        } catch (RuntimeException e) {
            embedder.close();
            throw e;
        }
    }

    public int port() {
        return port.port();
    }

    @Override
    public void close() {
        port.close();
        embedder.close();
    }

    private static LocalEmbedder model(Manifest manifest, OnnxEmbedder onnx, RunnerEnvironment environment)
            throws InterruptedException {
        try (WaitingLog _ = WaitingLog.begin("not ready yet")) {
            if (environment.variables().get(EnvironmentVariable.SINK_URI) == null) {
                return opened(manifest, onnx, environment, Optional::empty);
            }
            try (EmbeddingSink sink = EmbeddingSink.open(
                    manifest.spec().sink().pgvector(),
                    environment.connection(EnvironmentVariable.SINK_URI, manifest))) {
                LocalEmbedder embedder = opened(manifest, onnx, environment, () -> sink.modelCommit(manifest.job()));
                try {
                    Recipe.checkSearches(manifest.spec(), embedder, sink);
                    return embedder;
                } catch (RuntimeException e) {
                    embedder.close();
                    throw e;
                }
            }
        }
    }

    /** @param recordedCommit asked only where the manifest leaves the model's commit open */
    private static LocalEmbedder opened(
            Manifest manifest,
            OnnxEmbedder onnx,
            RunnerEnvironment environment,
            Supplier<Optional<String>> recordedCommit) {
        ModelCommit commit = ModelCommit.of(manifest.spec().embedder(), environment, recordedCommit);
        return OnnxBackend.open(onnx, manifest.spec().chunking(), environment, commit)
                .embedder();
    }

    /** What a client may call the model: by the job, or as it is published. */
    private static List<String> names(Manifest manifest) {
        List<String> names = new ArrayList<>(List.of(manifest.metadata().name()));
        if (manifest.spec().embedder().selected() instanceof OnnxEmbedder onnx) {
            switch (onnx.model().selected()) {
                case Model.Bundled bundled -> names.add(bundled.name());
                case Model.Hub(var hub) -> names.add(hub.repository());
                case Model.Folder _, Model.Download _ -> {}
            }
        }
        return names;
    }
}
