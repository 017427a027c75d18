package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Finds what a window's documents need: nothing when their hash stands in the sink, otherwise chunks and tokens. */
final class Preparer {
    static final String NOTHING_TO_EMBED =
            "the text holds nothing that the model's tokenizer keeps (only control or invisible characters?):"
                    + " give it text or leave the document out";

    private final Chunker chunker;
    private final String recipe;
    private final ExecutorService tokenizers;
    private final UnknownTexts unknown = new UnknownTexts();

    /**
     * @param recipe names everything beside the text that a document's vectors depend on
     * @param tokenizers threads that hash, chunk and tokenize
     */
    Preparer(Chunker chunker, String recipe, ExecutorService tokenizers) {
        this.chunker = chunker;
        this.recipe = recipe;
        this.tokenizers = tokenizers;
    }

    /** @throws ExecutionException when a text cannot be tokenized; what fails in the sink is thrown as it is */
    Window<PreparedDocument> prepare(SourceWindow window, WindowSink sink)
            throws InterruptedException, ExecutionException {
        List<FailedDocument> failed = new ArrayList<>(window.failed());
        List<Document> documents = withoutDuplicates(window, sink, failed);
        StoredDocuments stored =
                sink.stored(documents.stream().map(Document::key).toList());
        documents = withoutRowsOfOthers(documents, stored.ofOthers(), failed);
        List<Future<PreparedDocument>> results = new ArrayList<>(documents.size());
        for (Document document : documents) {
            results.add(
                    tokenizers.submit(() -> prepare(document, stored.hashes().get(document.key()))));
        }
        List<PreparedDocument> changed = new ArrayList<>();
        List<Document> unchanged = new ArrayList<>();
        for (Future<PreparedDocument> result : results) {
            PreparedDocument prepared = result.get();
            Document document = prepared.document();
            if (prepared.hash().equals(stored.hashes().get(document.key()))) {
                unchanged.add(document);
            } else if (prepared.texts().isEmpty()) {
                failed.add(FailedDocument.empty(document.key().toString(), document.location(), NOTHING_TO_EMBED));
            } else {
                unknown.look(prepared);
                changed.add(prepared);
            }
        }
        return new Window<>(window, changed, unchanged, failed);
    }

    private static List<Document> withoutDuplicates(SourceWindow window, WindowSink sink, List<FailedDocument> failed) {
        List<FailedDocument> duplicates = sink.duplicates(window);
        if (duplicates.isEmpty()) {
            return window.documents();
        }
        failed.addAll(duplicates);
        Set<String> elsewhere = new HashSet<>();
        duplicates.forEach(duplicate -> elsewhere.add(duplicate.location()));
        return window.documents().stream()
                .filter(document -> !elsewhere.contains(document.location()))
                .toList();
    }

    /** Found before they are embedded, which may cost money each time. */
    private static List<Document> withoutRowsOfOthers(
            List<Document> documents, Set<Key> ofOthers, List<FailedDocument> failed) {
        if (ofOthers.isEmpty()) {
            return documents;
        }
        List<Document> writable = new ArrayList<>(documents.size());
        for (Document document : documents) {
            if (ofOthers.contains(document.key())) {
                failed.add(FailedDocument.of(document, StoredDocuments.KEPT_ROWS));
            } else {
                writable.add(document);
            }
        }
        return writable;
    }

    /** @param known of what stands in the sink, or null */
    private PreparedDocument prepare(Document document, @Nullable DocumentHash known) {
        DocumentHash hash = DocumentHash.of(recipe, document.text());
        List<TokenizedText> texts = hash.equals(known) ? List.of() : chunker.chunk(document.text());
        return new PreparedDocument(document, hash, texts);
    }
}
