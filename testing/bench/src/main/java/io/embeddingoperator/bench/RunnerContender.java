package io.embeddingoperator.bench;

import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.BatchPlan;
import io.embeddingoperator.runner.batch.WaitingChunk;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.onnx.OnnxEmbedders;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** The runner's own embedder, called as its pipeline calls it: windows of texts, cut into batches, on its threads. */
final class RunnerContender implements Contender {
    private final Embedder embedder;
    private final ExecutorService threads;

    RunnerContender(OnnxEmbedder spec, ModelFiles files) {
        embedder = OnnxEmbedders.open(spec, files, OptionalInt.empty());
        threads = Executors.newFixedThreadPool(
                embedder.concurrency(), Thread.ofPlatform().daemon().factory());
    }

    @Override
    public String name() {
        return "embedding-operator";
    }

    Embedder embedder() {
        return embedder;
    }

    @Override
    public Embedded embed(List<String> texts) throws Exception {
        long start = System.nanoTime();
        List<TokenizedText> tokenized = all(texts.stream()
                .<Callable<TokenizedText>>map(text -> () -> embedder.tokenizer().tokenize(text)));
        float[][] vectors = new float[texts.size()][];
        all(batches(tokenized).stream().<Callable<Void>>map(batch -> () -> {
            float[][] batchVectors = embedder.embed(batch.texts());
            for (int i = 0; i < batchVectors.length; i++) {
                vectors[batch.chunks().get(i).document()] = batchVectors[i];
            }
            return null;
        }));
        return Embedded.since(start, List.of(vectors));
    }

    /** A text counts as a document of one chunk. */
    private List<Batch> batches(List<TokenizedText> texts) {
        int window = embedder.batchLimits().windowDocuments();
        List<Batch> batches = new ArrayList<>();
        for (int from = 0; from < texts.size(); from += window) {
            List<WaitingChunk> chunks = new ArrayList<>(window);
            for (int i = from; i < Math.min(from + window, texts.size()); i++) {
                chunks.add(new WaitingChunk(i, 0, texts.get(i)));
            }
            batches.addAll(BatchPlan.of(chunks, embedder.batchLimits()));
        }
        return batches;
    }

    private <T> List<T> all(Stream<Callable<T>> tasks) throws Exception {
        List<T> results = new ArrayList<>();
        for (Future<T> done : threads.invokeAll(tasks.toList())) {
            results.add(done.get());
        }
        return results;
    }
}
