// Names and text as SQL. DuckDB's strings know no escapes but the doubled quote.

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** For places where DuckDB takes no parameter: paths and options. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
