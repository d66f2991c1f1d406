"""Why a record is rejected or dead-lettered, and what the sender must do, in words a clerk understands."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "too_long": "消息超过 64 KiB：请拆分为多条记录后重新推送",
    "empty": "消息为空：请检查推送程序，重新推送该条记录",
    "not_avro": "消息不是 Avro 单对象编码（应以 C3 01 开头）：请用本系统的推送程序或随附的模式文件编码",
    "unknown_schema": "模式指纹未登记：请使用已发布的模式版本，或先登记新版本",
    "unreadable": "内容与模式不符，无法解码：请检查编码程序，重新推送",
    "trailing_bytes": "记录之后有多余字节：请检查编码程序，每条消息只放一条记录",
    "wrong_schema": "该主题不接收这种模式的消息：请核对推送的主题",
    "wrong_department": "部门代码与主题不符：请推送到本部门的主题",
    "unknown_kind": "业务类型不存在，或与内容不符：请核对 kind 字段",
    "bad_event_id": "事件编号应为 1-64 个可打印 ASCII 字符：请改正 event_id",
    "bad_person_id": "人员标识格式不对：请由县级接入程序生成 person_id",
    "bad_household_id": "户编号为空或像身份证号：请填写登记的户编号",
    "no_area": "村或乡镇的事件缺少行政区划代码：请填写 region_code（村 12 位、乡镇 9 位、县 6 位）",
    "area_subject": "这类事件针对村或乡镇，不针对个人或农户：请删去身份证号和户编号，改填行政区划代码",
    "no_subject": "缺少人员标识和户编号：至少填写一项",
    "wrong_key": "消息的键与人员标识（或户编号）不符：请以 person_id 或 household_id 为键推送",
    "bad_revision": "修订号应为不小于 0 的整数：请改正 revision",
    "bad_time": "时间不合理：请核对 occurred_at 与 published_at",
    "in_future": "发生时间晚于推送时间一天以上：请核对 occurred_at",
    "too_old": "计次类事件推送时已超过 400 天：不再计入，请通过基层排查补报",
    "bad_amount": "金额应在 0 至 100 亿元之间：请改正",
    "bad_number": "数值应为 0 至 21 亿之间的整数：请改正",
    "bad_range": "数值超出该项允许的范围：请对照数据说明改正",
    "bad_code": "编号应为 1-64 个字母、数字或 . _ : / # -，不得含姓名、身份证号、手机号：请改用本部门的编号",
    "bad_region": "行政区划代码不对：至少一个，村 12 位，可填乡镇、县的项 9 位或 6 位：请改正",
    "bad_reporter": "申报人标识格式不对：请由县级接入程序生成，不得填姓名、证件号或电话",
    "bad_date": "日期不合理（应在 1900 年至 2200 年之间）：请改正",
    "no_body": "缺少业务内容：除撤销外必须填写",
    "bad_register_row": "户籍登记行不完整或代码位数不对：请核对乡镇、村、网格代码和日期",
    "unknown_action": "操作代码不在列表中：请升级乡镇端后重试",
    "bad_action": "操作记录的内容不合规范（只允许代码和日期）：请检查乡镇端",
    "unknown_alert": "没有这个预警编号，或该案早已结束：请核对后重试",
    "area_too_large": "该村或乡镇的记录已超过 256 KiB：本条不再计入，请县级数据员核查",
    "household_too_large": "该户记录已超过 256 KiB：本条不再计入，请县级数据员核查该户",
}


def explain(reason: str) -> str:
    """Plain Chinese of a reason; the code itself where it is not listed."""
    return REASONS.get(reason, reason)
