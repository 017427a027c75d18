package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model, loaded from its file on a processor.
 *
 * @param annotated whether it was loaded with shapes that the file does not have
 * @param place which processor, and why not another one, for a person
 */
record LoadedModel(
        Path file,
        boolean annotated,
        OrtEnvironment environment,
        OrtSession session,
        SessionSettings settings,
        String place)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

    static LoadedModel load(Path file, Device device) {
        CommandLine.check();
        return switch (device) {
            case CPU -> onCpu(file, "CPU");
            case CUDA -> onCuda(file);
            case Auto -> onAny(file);
        };
    }

    private static LoadedModel onAny(Path file) {
        if (!builtWithCuda()) {
            return onCpu(file, "CPU (device Auto: this build of the runner has no CUDA)");
        }
        try {
            return open(file, SessionSettings.CUDA, "CUDA");
        } catch (OrtException e) {
            return onCpu(file, "CPU (device Auto: CUDA does not work here: %s)".formatted(Reason.of(e)));
        }
    }

    private static LoadedModel onCuda(Path file) {
        if (!builtWithCuda()) {
            throw new SpecificationException(
                    "spec.embedder.onnx.device is CUDA, and this build of the runner has no CUDA: "
                            + "use the runner's CUDA image, or device Auto or CPU");
        }
        try {
            return open(file, SessionSettings.CUDA, "CUDA");
        } catch (OrtException e) {
            refuseBrokenModel(file);
            throw new UnavailableException(
                    ("spec.embedder.onnx.device is CUDA, and the model %s does not load there (%s): "
                                            + "ask for a node with an ")
                                    .formatted(file, Reason.of(e))
                            + "NVIDIA GPU and CUDA 12, or use device Auto or CPU",
                    e);
        }
    }

    /** A model that does not load on a CPU either would not load on any other node. */
    private static void refuseBrokenModel(Path file) {
        onCpu(file, "CPU").close();
    }

    private static LoadedModel onCpu(Path file, String place) {
        return orRefuse(file, () -> open(file, SessionSettings.CPU, place));
    }

    /** The same model without the shapes, after these turned out wrong. This one is closed. */
    LoadedModel asPublished() {
        close();
        return orRefuse(file, () -> openAsPublished(file, settings, place));
    }

    private interface Opening {
        LoadedModel open() throws OrtException;
    }

    private static LoadedModel orRefuse(Path file, Opening opening) {
        try {
            return opening.open();
        } catch (OrtException e) {
            throw new SpecificationException(
                    "the model file %s cannot be loaded (%s): check that it is a complete ONNX model"
                            .formatted(file, Reason.of(e)),
                    e);
        }
    }

    /** Whether a model may come to run on a GPU here. */
    static boolean triesCuda(Device device) {
        return device != Device.CPU && builtWithCuda();
    }

    private static boolean builtWithCuda() {
        return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
    }

    private static LoadedModel open(Path file, SessionSettings settings, String place) throws OrtException {
        Optional<LoadedModel> annotated =
                settings.profitsFromShapes() ? openAnnotated(file, settings, place) : Optional.empty();
        return annotated.isPresent() ? annotated.get() : openAsPublished(file, settings, place);
    }

    private static LoadedModel openAsPublished(Path file, SessionSettings settings, String place) throws OrtException {
        OrtEnvironment environment = onnxRuntime();
        try (SessionOptions options = settings.options()) {
            // By path: a model that is read into the heap first costs its size twice.
            OrtSession session = environment.createSession(file.toString(), options);
            return new LoadedModel(file, false, environment, session, settings, place);
        }
    }

    /** What goes wrong here is no reason to refuse a model. */
    private static Optional<LoadedModel> openAnnotated(Path file, SessionSettings settings, String place) {
        try (SessionOptions options = settings.options()) {
            Optional<AnnotatedModel> model = AnnotatedModel.of(file);
            if (model.isEmpty()) {
                return Optional.empty();
            }
            OrtEnvironment environment = onnxRuntime();
            OrtSession session = model.get().load(environment, options);
            return Optional.of(new LoadedModel(file, true, environment, session, settings, place));
        } catch (OrtException
                | IOException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NoSuchElementException e) {
            LOG.info(
                    "The model {} is loaded as it was published, without faster layer normalisation: {}",
                    file,
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static OrtEnvironment onnxRuntime() throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        // Where no launcher has set ORT_DISABLE_TELEMETRY, this keeps at least what follows from being sent.
        environment.setTelemetry(false);
        return environment;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the model " + file + " cannot be released", e);
        }
    }
}
