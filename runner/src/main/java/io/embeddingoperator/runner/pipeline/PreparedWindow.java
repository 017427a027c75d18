package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.PendingChunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.List;

/** A window whose pending chunks are known and tokenized. */
public record PreparedWindow(
        SourceWindow source,
        List<PendingDocument> pending,
        List<PendingChunk> chunks,
        List<Document> unchanged,
        List<FailedDocument> failed) {}
