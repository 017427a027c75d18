package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.embeddingoperator.runner.embed.BatchLimits;

/** How ONNX Runtime is driven on each processor: every number that was chosen by measurement stands here. */
enum SessionSettings {
    CPU {
        @Override
        void apply(SessionOptions options) throws OrtException {
            // One thread a call and a call a core: no barrier inside a layer, and a busy neighbour slows one call down,
            // not all of them.
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
        }

        @Override
        boolean profitsFromShapes() {
            return true;
        }

        @Override
        BatchLimits batchLimits(int maxTokens, int maxBatchTokens, ModelOutput output) {
            // The activations of a small batch stay in the core's own cache: from 256 tokens to 512 the rate is best,
            // at 1024 a little lower, at 4096 about half.
            int tokens = cpuBatchTokens(maxTokens);
            return new BatchLimits(tokens, tokens);
        }

        @Override
        int concurrency() {
            return Runtime.getRuntime().availableProcessors();
        }
    },

    CUDA {
        @Override
        void apply(SessionOptions options) throws OrtException {
            // The processor computes little more than shapes here, and its cores are wanted by the tokenizer.
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions()) {
                options.addCUDA(cuda);
            }
        }

        @Override
        boolean profitsFromShapes() {
            // Measured on an H200: nothing gained. And half precision would lose digits in the step that they make
            // possible.
            return false;
        }

        @Override
        BatchLimits batchLimits(int maxTokens, int maxBatchTokens, ModelOutput output) {
            // The rows of all calls at a time come back into memory outside of the heap, which is as large as the heap;
            // half of it is left to everything else. A pooled output is no matter: it has one row a text.
            long rows = Runtime.getRuntime().maxMemory() / 2 / concurrency() / output.bytes(1, 1);
            int tokens = output.pooled() ? maxBatchTokens : (int) Math.min(maxBatchTokens, rows);
            return new BatchLimits(Math.max(tokens, maxTokens), Math.max(tokens, maxTokens));
        }

        @Override
        int concurrency() {
            // Vectors of some calls are copied back and pooled, and tokens of others laid out, while one computes: on
            // an
            // H200 two calls at a time reached 2.0 million tokens/s, and four 2.6 million.
            return 4;
        }
    };

    private static final int CPU_BATCH_TOKENS = 256;

    /** Tokens of one call on a CPU. */
    static int cpuBatchTokens(int maxTokens) {
        return Math.max(CPU_BATCH_TOKENS, maxTokens);
    }

    /** Fresh options: those that a provider refused must not be used again. */
    final SessionOptions options() throws OrtException {
        SessionOptions options = new SessionOptions();
        try {
            // What goes wrong comes back as an exception, and is put in words there; the native log would say it twice.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            apply(options);
            return options;
        } catch (OrtException e) {
            options.close();
            throw e;
        }
    }

    abstract void apply(SessionOptions options) throws OrtException;

    /** Whether a model is to be loaded as an {@link AnnotatedModel}. */
    abstract boolean profitsFromShapes();

    /**
     * What one call takes.
     *
     * @param maxTokens of one text
     * @param maxBatchTokens that the manifest allows on a GPU
     * @param output that a call's rows come back in
     */
    abstract BatchLimits batchLimits(int maxTokens, int maxBatchTokens, ModelOutput output);

    /** Calls at a time that pay off, where there is memory for them. */
    abstract int concurrency();
}
