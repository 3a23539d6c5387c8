"""What S3 Select says of expressions and objects that it cannot take.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#SelectObjectContentErrorCodeList
"""

from __future__ import annotations

from cumulet.kernel import AwsError, error

_SENTENCES = {
    "CSVParsingError": "Encountered an error parsing the CSV file. Check the file and try again.",
    "CastFailed": "Attempt to convert from one data type to another using CAST failed in the SQL expression.",
    "EvaluatorInvalidArguments": "Incorrect number of arguments in the function call in the SQL expression.",
    "ExpressionTooLong": "The SQL expression is too long: The maximum byte-length for the SQL expression is 256 KB.",
    "InvalidColumnIndex": "The column index is invalid. Please check the service documentation and try again.",
    "InvalidCompressionFormat":
        "The file is not in a supported compression format. Only GZIP and BZIP2 are supported at this time.",
    "InvalidDataSource": "Invalid data source type. Only CSV, JSON, and Parquet are supported at this time.",
    "InvalidExpressionType": "The ExpressionType is invalid. Only SQL expressions are supported at this time.",
    "InvalidFileHeaderInfo": "The FileHeaderInfo is invalid. Only NONE, USE, and IGNORE are supported.",
    "InvalidJsonType": "The JsonType is invalid. Only DOCUMENT and LINES are supported at this time.",
    "InvalidQuoteFields": "The QuoteFields is invalid. Only ALWAYS and ASNEEDED are supported.",
    "InvalidRequestParameter":
        "The value of a parameter in SelectRequest element is invalid. Check the service API documentation and try "
        "again.",
    "InvalidTableAlias": "The SQL expression contains an invalid table alias.",
    "InvalidTextEncoding": "Invalid encoding type. Only UTF-8 encoding is supported at this time.",
    "JSONParsingError": "Encountered an error parsing the JSON file. Check the file and try again.",
    "LexerInvalidChar": "The SQL expression contains an invalid character.",
    "LexerInvalidLiteral": "The SQL expression contains an invalid literal.",
    "MissingHeaders": "Some headers in the query are missing from the file. Check the file and try again.",
    "MissingRequiredParameter":
        "The SelectRequest entity is missing a required parameter. Check the service documentation and try again.",
    "ObjectSerializationConflict":
        "The SelectRequest entity can only contain one of CSV or JSON. Check the service documentation and try again.",
    "OverMaxRecordSize": "The length of a record in the input or result is greater than maxCharsPerRecord of 1 MB.",
    "ParquetParsingError": "Encountered an error parsing the Parquet file. Check the file and try again.",
    "ParseAsteriskIsNotAloneInSelectList":
        "Other expressions are not allowed in the SELECT list when '*' is used without dot notation in the SQL "
        "expression.",
    "ParseCastArity": "The SQL expression CAST has incorrect arity.",
    "ParseEmptySelect": "The SQL expression contains an empty SELECT.",
    "ParseExpectedArgumentDelimiter": "Did not find the expected argument delimiter in the SQL expression.",
    "ParseExpectedDatePart": "Did not find the expected date part in the SQL expression.",
    "ParseExpectedExpression": "Did not find the expected SQL expression.",
    "ParseExpectedIdentForAlias": "Did not find the expected identifier for the alias in the SQL expression.",
    "ParseExpectedKeyword": "Did not find the expected keyword in the SQL expression.",
    "ParseExpectedLeftParenAfterCast": "Did not find the expected left parenthesis in the SQL expression.",
    "ParseExpectedNumber": "Did not find the expected number in the SQL expression.",
    "ParseExpectedRightParenBuiltinFunctionCall":
        "Did not find the expected right parenthesis character in the SQL expression.",
    "ParseExpectedTokenType": "Did not find the expected token in the SQL expression.",
    "ParseExpectedTypeName": "Did not find the expected type name in the SQL expression.",
    "ParseExpectedWhenClause": "Did not find the expected WHEN clause in the SQL expression. CASE is not supported.",
    "ParseInvalidPathComponent": "The SQL expression contains an invalid path component.",
    "ParseSelectMissingFrom": "The SQL expression contains a missing FROM after SELECT list.",
    "ParseUnexpectedTerm": "The SQL expression contains an unexpected term.",
    "ParseUnexpectedToken": "The SQL expression contains an unexpected token.",
    "ParseUnsupportedCallWithStar": "Only COUNT with (*) as a parameter is supported in the SQL expression.",
    "ParseUnsupportedSelect": "The SQL expression contains an unsupported use of SELECT.",
    "ParseUnsupportedSyntax": "The SQL expression contains unsupported syntax.",
    "TruncatedInput":
        "Object decompression failed. Check that the object is properly compressed using the format specified in the "
        "request.",
    "UnsupportedFunction": "Encountered an unsupported SQL function.",
    "UnsupportedScanRangeInput": "Scan range queries are not supported on this type of object.",
    "UnsupportedSqlOperation": "Encountered an unsupported SQL operation.",
    "UnsupportedSqlStructure": "Encountered an unsupported SQL structure. Check the SQL Reference.",
    "UnsupportedStorageClass":
        "Encountered a storage class that is not supported. Only STANDARD, STANDARD_IA, and ONEZONE_IA storage "
        "classes are supported.",
}


def refused(code: str) -> AwsError:
    """The error of this name, in S3's words."""
    return error.named(code, _SENTENCES[code], 400)
