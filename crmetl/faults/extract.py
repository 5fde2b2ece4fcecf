"""Faults that the room `extract` finds."""

from crmetl.faults.kind import Fault
from crmetl.text import Text

SOURCE_MISSING = Fault(
    "SOURCE_MISSING",
    "note",
    Text("没有找到该来源的文件（来源声明为可选）", "No file of this source was found (the source is declared optional)"),
    Text("确认文件是否已交付，或改正映射中的 reads", "ask for the file, or correct `reads` in the mapping"),
)
FILE_UNREADABLE = Fault(
    "FILE_UNREADABLE",
    "note",
    Text(
        "文件无法读取（来源声明为可选），其余文件照常处理",
        "The file cannot be read (the source is declared optional); the others go on",
    ),
    Text("用原程序打开并另存后重新提供", "open it in the program it came from, save it anew and hand it over again"),
)
FILE_EMPTY = Fault(
    "FILE_EMPTY",
    "note",
    Text("文件或工作表里没有表格", "The file or sheet holds no table"),
    Text("确认导出时是否选中了数据", "check that the export was made with rows in it"),
)
ENCODING_DOUBTFUL = Fault(
    "ENCODING_DOUBTFUL",
    "note",
    Text("文字编码有两种可能，已取较像的一种", "Two encodings fit this file nearly equally well; the likelier was taken"),
    Text(
        "抽看几行中文；如有误，在映射 table.encoding 中写明",
        "look at a few lines; if they are wrong, name it in table.encoding of the mapping",
    ),
)
CELL_UNDECODABLE = Fault(
    "CELL_UNDECODABLE",
    "hold",
    Text("有字节在所用编码中无意义，显示为 �", "Some bytes mean nothing in the file's encoding and show as �"),
    Text(
        "重新导出该行，或在映射 table.encoding 中写明编码",
        "export the row again, or name the encoding in table.encoding of the mapping",
    ),
    "杭州�旭",
)
NUL_BYTES = Fault(
    "NUL_BYTES",
    "note",
    Text("文件中含空字节（0x00），已去掉", "The file holds NUL bytes; they were left out"),
    Text("文件可能传输受损，请核对行数", "the file may have been damaged in transfer; compare the number of rows"),
)
QUOTE_UNCLOSED = Fault(
    "QUOTE_UNCLOSED",
    "hold",
    Text("引号没有闭合，后面的行可能被并入一格", "A quotation mark is never closed; lines after it may have run into one cell"),
    Text("在原文件中补上引号，或重新导出", "close the quotation mark in the file, or export it again"),
)
ROW_RAGGED = Fault(
    "ROW_RAGGED",
    "hold",
    Text(
        "该行的列数比表头多，多出的内容并入最后一列",
        "The row has more cells than the header; the surplus was joined to the last column",
    ),
    Text("检查是否有文字里带了分隔符而未加引号", "look for a text that holds the delimiter and is not quoted"),
)
ROW_SHORT = Fault(
    "ROW_SHORT",
    "hold",
    Text("该行的列数比表头少，缺的按空白处理", "The row has fewer cells than the header; the missing ones are blank"),
    Text(
        "检查是否有换行把一行拆成两行；若导出程序本就省略行尾空格，可把本代码设为 note",
        "look for a line break that cut the row in two; if the exporter leaves out blank cells at the end, set this code to note",
    ),
)
HEADER_DOUBTFUL = Fault(
    "HEADER_DOUBTFUL",
    "note",
    Text("表头位置不确定", "It is not certain which row is the header"),
    Text(
        "核对清单中的表头行；如有误，在映射 table.header 中写明",
        "compare the header rows in the manifest; if they are wrong, pin them in table.header of the mapping",
    ),
)
HEADER_REPEATED = Fault(
    "HEADER_REPEATED",
    "note",
    Text("两列同名，后一列已加上序号", "Two columns have one name; the later one was given a number"),
    Text("在映射中用带序号的列名（如 电话_2）", "use the numbered name in the mapping (电话_2)"),
    "电话 ×2",
)
COLUMN_UNNAMED = Fault(
    "COLUMN_UNNAMED",
    "note",
    Text("有内容的列没有表头，按位置命名（如 #7）", "A column with content has no heading; it is named by its place (#7)"),
    Text("在映射中决定该列的去向", "decide in the mapping what becomes of it"),
)
SHEET_HIDDEN = Fault(
    "SHEET_HIDDEN",
    "note",
    Text("隐藏的工作表未读取，其行数已列入搁置", "A hidden sheet was not read; its rows are counted as set aside"),
    Text(
        "若需要其中的数据，取消隐藏，或在映射 table.sheet 中写明表名",
        "if its rows are wanted, unhide it, or name it in table.sheet of the mapping",
    ),
)
SHEET_SKIPPED = Fault(
    "SHEET_SKIPPED",
    "note",
    Text(
        "工作表没有映射所列的列，未读取，其行数已列入搁置",
        "A sheet lacks the mapped columns and was not read; its rows are counted as set aside",
    ),
    Text(
        "若需要，为它另写一个映射，或在 table.sheet 中写明表名",
        "if its rows are wanted, write a mapping for it, or name it in table.sheet",
    ),
)
CELL_ERROR = Fault(
    "CELL_ERROR",
    "blank",
    Text(
        "单元格是公式错误（如 #N/A、#DIV/0!），按空白处理",
        "The cell is a formula error (such as #N/A or #DIV/0!); it is taken as blank",
    ),
    Text("在工作簿中改正公式", "mend the formula in the workbook"),
    "#N/A",
)
FORMULA_UNCACHED = Fault(
    "FORMULA_UNCACHED",
    "blank",
    Text(
        "公式单元格没有保存计算结果，按空白处理",
        "The cell is a formula whose result is not stored in the file; it is taken as blank",
    ),
    Text(
        "在 Excel 中打开并保存一次（会重新计算），再提供",
        "open the workbook in Excel and save it once, which calculates it, and hand it over again",
    ),
    "=B2*C2",
)
ROW_HIDDEN = Fault(
    "ROW_HIDDEN",
    "note",
    Text("工作表中有隐藏的行，已照常读取", "Rows are hidden in the sheet; they were read like the others"),
    Text(
        "若这些行不要，先在工作表中删除；常见原因是忘了取消筛选",
        "if they are not wanted, delete them in the sheet; a filter that was left on is the usual reason",
    ),
)
COLUMN_HIDDEN = Fault(
    "COLUMN_HIDDEN",
    "note",
    Text("工作表中有隐藏的列，已照常读取", "A column is hidden in the sheet; it was read like the others"),
    Text("若不需要，在映射中写明舍弃该列（drop）", "if it is not wanted, drop it in the mapping"),
)
TABLE_SKIPPED = Fault(
    "TABLE_SKIPPED",
    "note",
    Text(
        "同一工作表中的另一张表没有映射所列的列，未读取，其行数已列入搁置",
        "Another table on the sheet lacks the mapped columns and was not read; its rows are counted as set aside",
    ),
    Text(
        "若需要，为它另写一个映射，并在 table.header 中写明它的表头行",
        "if its rows are wanted, write a mapping for it that pins its header rows in table.header",
    ),
)
MACRO_IGNORED = Fault(
    "MACRO_IGNORED",
    "note",
    Text("工作簿含有宏，未运行也未读取", "The workbook holds macros; they were neither run nor read"),
    Text("若数据由宏生成，先在 Excel 中运行并保存", "if a macro makes the rows, run it in Excel and save the workbook first"),
)
MEMBER_SKIPPED = Fault(
    "MEMBER_SKIPPED",
    "note",
    Text("压缩包中的文件不是表格，未读取", "A file inside the archive is no table and was not read"),
    Text("若需要，解压后单独提供", "if it is wanted, unpack it and hand it over by itself"),
)
MEMO_MISSING = Fault(
    "MEMO_MISSING",
    "note",
    Text(
        "备注字段的内容在另一个文件（.fpt 或 .dbt）中，未随表提供",
        "Long texts stand in a file of their own (.fpt or .dbt), which did not come with the table",
    ),
    Text(
        "索取同名的 .fpt 或 .dbt 文件，与 .dbf 放在一起", "ask for the .fpt or .dbt of the same name and put it beside the .dbf"
    ),
)
NUMBER_TRUNCATED = Fault(
    "NUMBER_TRUNCATED",
    "hold",
    Text(
        "超过 15 位的编号被 Excel 当作数字保存，尾数已丢失，无法恢复",
        "A number of more than 15 digits was stored as a number by Excel; its last digits are lost for good",
    ),
    Text("从原系统以文本格式重新导出该列", "export the column again from the system it came from, as text"),
    "1.23457E+17",
)
MAIL_BROKEN = Fault(
    "MAIL_BROKEN",
    "hold",
    Text("邮件结构损坏，只能读出一部分", "The message is damaged and could only be read in part"),
    Text("在邮件程序中打开原信核对", "open the message in a mail program and compare"),
)
MAIL_DATE = Fault(
    "MAIL_DATE",
    "note",
    Text("邮件没有可读的日期", "The message has no readable date"),
    Text("原始写法保留在 date_raw，可由前后邮件推断", "the text is kept in date_raw; neighbouring messages may tell"),
)
MAIL_CUT = Fault(
    "MAIL_CUT",
    "note",
    Text(
        "邮件超过大小上限，附件部分未读入", "The message is above the size limit; what follows, usually attachments, was not read"
    ),
    Text("如需全文，调高选项 message_mb", "if the whole text is wanted, raise the option message_mb"),
)
